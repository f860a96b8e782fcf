using System.Net.Sockets;
using System.Text.Json.Nodes;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class CreateTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task A_container_lands_on_the_emptiest_node_and_says_why()
    {
        await Api.RunAsync(Specs.Sleeper(also: spec => spec["constraints"] = Specs.On("node-1")));
        await Api.RunAsync(Specs.Sleeper(also: spec => spec["constraints"] = Specs.On("node-3")));

        var created = await Api.RunAsync(Specs.Sleeper("web"));

        created.Node.ShouldBe("node-2");
        created.State.ShouldBe("running");
        created.Placement!.Node.ShouldBe("node-2");
        created.Placement.Strategy.ShouldBe("spread");
        created.Placement.Summary.ShouldNotBeEmpty();
        (await Api.GetAsync("/containers/web/placement")).As<PlacementView>().Node.ShouldBe("node-2");
        (await Api.GetAsync("/containers/web/placement?now=true")).As<PlacementView>().Nodes.Count.ShouldBe(3);
    }

    [Fact]
    public async Task It_has_an_id_of_its_own_and_the_engine_carries_it()
    {
        var created = await Api.RunAsync(Specs.Sleeper("carried"));

        created.Id.ShouldMatch("^[0-9a-f]{64}$");
        created.EngineId.ShouldNotBe(created.Id);
        (await Api.ContainerAsync(created.EngineId!)).Id.ShouldBe(created.Id);
        (await Api.ContainerAsync("carried")).Id.ShouldBe(created.Id);
        var engine = (await TestCluster.PsAsync(Cluster[created.Node])).Single();
        engine.Name.ShouldBe("carried");
        engine.ClusterId.ShouldBe(created.Id);
        engine.EngineId.ShouldBe(created.EngineId);
    }

    [Fact]
    public async Task Missing_names_are_made_and_unique()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Api.RunAsync(Specs.Sleeper())));

        created.Select(container => container.Name).Distinct().Count().ShouldBe(6);
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task A_published_port_is_reachable_at_the_nodes_address()
    {
        var created = await Api.RunAsync(Specs.Shell("while :; do echo hello | nc -l -p 80; done", also: spec => spec["ports"] = Specs.Publish(80, 18080)));

        var text = "";
        await Wait.UntilAsync("An answer from the port", 5, async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Cluster[created.Node].Address, 18080, Cancellation);
                using var reader = new StreamReader(client.GetStream());
                text = await reader.ReadLineAsync(Cancellation) ?? "";
                return text.Length > 0;
            }
            catch (SocketException)
            {
                return false;
            }
        });

        text.ShouldBe("hello");
        created.Ports.ShouldContain(port => port.HostPort == 18080 && port.ContainerPort == 80);
    }

    [Fact]
    public async Task Every_option_reaches_the_engine()
    {
        var created = await Api.RunAsync(Specs.Shell("exec sleep 3600", "options", spec =>
        {
            spec["env"] = new JsonObject { ["COLOR"] = "blue" };
            spec["labels"] = new JsonObject { ["tier"] = "front" };
            spec["hostname"] = "box";
            spec["user"] = "nobody";
            spec["workingDir"] = "/tmp";
            spec["resources"] = new JsonObject { ["memoryBytes"] = 64 << 20, ["memoryReservationBytes"] = 32 << 20, ["nanoCpus"] = 500_000_000 };
            spec["restartPolicy"] = new JsonObject { ["name"] = "on-failure", ["maximumRetryCount"] = 3 };
            spec["mounts"] = new JsonArray(new JsonObject { ["type"] = "volume", ["source"] = "options-data", ["target"] = "/data" });
            spec["ulimits"] = new JsonArray(new JsonObject { ["name"] = "nofile", ["soft"] = 512, ["hard"] = 1024 });
            spec["logging"] = new JsonObject { ["driver"] = "json-file", ["options"] = new JsonObject { ["max-size"] = "1m" } };
            spec["readOnlyRootfs"] = true;
            spec["stopSignal"] = "SIGKILL";
            spec["stopTimeoutSeconds"] = 2;
        }));

        var node = Cluster[created.Node];
        var inspect = JsonNode.Parse(await node.DockerAsync(["inspect", "options"], Cancellation))![0]!;
        await node.DockerAsync(["rm", "-f", "-v", "options"], Cancellation);
        await node.DockerAsync(["volume", "rm", "options-data"], Cancellation);

        var (config, host) = (inspect["Config"]!, inspect["HostConfig"]!);
        config["Env"]!.AsArray().Select(line => line!.GetValue<string>()).ShouldContain("COLOR=blue");
        config["Labels"]!["tier"]!.GetValue<string>().ShouldBe("front");
        config["Hostname"]!.GetValue<string>().ShouldBe("box");
        config["User"]!.GetValue<string>().ShouldBe("nobody");
        config["WorkingDir"]!.GetValue<string>().ShouldBe("/tmp");
        config["StopSignal"]!.GetValue<string>().ShouldBe("SIGKILL");
        config["StopTimeout"]!.GetValue<int>().ShouldBe(2);
        host["Memory"]!.GetValue<long>().ShouldBe(64 << 20);
        host["MemoryReservation"]!.GetValue<long>().ShouldBe(32 << 20);
        host["NanoCpus"]!.GetValue<long>().ShouldBe(500_000_000);
        host["RestartPolicy"]!.ToJsonString().ShouldContain("on-failure");
        host["Mounts"]![0]!["Source"]!.GetValue<string>().ShouldBe("options-data");
        host["Ulimits"]![0]!["Hard"]!.GetValue<int>().ShouldBe(1024);
        host["LogConfig"]!["Config"]!["max-size"]!.GetValue<string>().ShouldBe("1m");
        host["ReadonlyRootfs"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Without_start_it_is_created_only()
    {
        var created = await Api.RunAsync(Specs.Sleeper("later", spec => spec["start"] = false));

        created.State.ShouldBe("created");
        (await Cluster.PsAsync()).Single().State.ShouldBe("created");
        (await Api.ActAsync(created.Id, "start")).State.ShouldBe("running");
    }

    [Fact]
    public async Task Without_waiting_the_answer_is_an_operation_that_ends_in_the_container()
    {
        var accepted = (await Api.CreateAsync(Specs.Sleeper("soon"), waitSeconds: 0)).As<OperationView>(202);

        var ended = await Api.OperationAsync(accepted.Id, TimeSpan.FromSeconds(10));

        ended.State.ShouldBe("succeeded");
        (await Api.ContainerAsync(ended.TargetId)).Name.ShouldBe("soon");
    }

    [Fact]
    public async Task A_dry_run_says_where_and_changes_nothing()
    {
        var plan = await Api.PostAsync("/containers?dryRun=true", Specs.Sleeper("only-asked"));

        plan.As<PlacementView>().Node.ShouldNotBeNull();
        (await Api.ContainersAsync()).ShouldBeEmpty();
        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Api.RunAsync(Specs.Sleeper("only-asked"))).Name.ShouldBe("only-asked");
    }

    [Fact]
    public async Task A_constraint_on_a_label_is_kept_and_an_impossible_one_is_explained()
    {
        var placed = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            Api.RunAsync(Specs.Sleeper(also: spec => spec["constraints"] = new JsonArray("zone==b")))));
        var refused = await Api.CreateAsync(Specs.Sleeper("nowhere", spec => spec["constraints"] = new JsonArray("zone==c")));

        placed.ShouldAllBe(container => container.Node == "node-3");
        refused.ShouldBe(409);
        refused.Json!["placement"]!["nodes"]!.AsArray().Count.ShouldBe(3);
        (await Api.ContainersAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_image_that_no_registry_gives_fails_clearly_and_leaves_nothing()
    {
        var answer = await Api.CreateAsync(Specs.Sleeper("imageless", spec => spec["image"] = "127.0.0.1:9/no/such:image"));

        answer.Status.ShouldBeInRange(400, 599);
        answer.Status.ShouldNotBe(500);
        answer.Code.ShouldNotBeEmpty();
        answer.Json!["detail"]!.GetValue<string>().ShouldContain("no/such");
        (await Api.ContainersAsync()).ShouldBeEmpty();
        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Api.RunAsync(Specs.Sleeper("imageless"))).State.ShouldBe("running");
    }

    [Fact]
    public async Task An_image_that_may_not_be_pulled_fails_at_once()
    {
        var answer = await Api.CreateAsync(Specs.Sleeper("never", spec => (spec["image"], spec["pull"]) = ("127.0.0.1:9/no/such:image", "never")));

        answer.Status.ShouldBeInRange(400, 499);
        answer.Took.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await Api.ContainersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_that_does_not_exist_leaves_a_container_that_says_so()
    {
        var answer = await Api.CreateAsync(new { image = Specs.Image, name = "broken", command = new[] { "/no/such/program" } });

        answer.Status.ShouldBeInRange(400, 499);
        answer.Json!["detail"]!.GetValue<string>().ShouldContain("/no/such/program");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task One_idempotency_key_twice_at_once_makes_one_container()
    {
        var spec = Specs.Sleeper();
        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Api.CreateAsync(spec, 25, ("Idempotency-Key", "once-only"))));
        var again = await Api.CreateAsync(spec, 25, ("Idempotency-Key", "once-only"));

        answers.Count(answer => answer.Status == 201).ShouldBeGreaterThanOrEqualTo(1);
        answers.ShouldAllBe(answer => answer.Status == 201 || answer.Status == 409);
        again.As<ContainerView>(201).Id.ShouldBe(answers.First(answer => answer.Status == 201).As<ContainerView>(201).Id);
        (await Cluster.PsAsync()).Count.ShouldBe(1);
        (await Api.ContainersAsync()).Count.ShouldBe(1);
    }
}
