namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Where containers go, under which names, and what is said when they cannot.</summary>
public sealed class PlacementTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task Containers_are_spread_over_the_nodes()
    {
        for (var i = 0; i < 6; i++)
        {
            await Admin.DockerAsync("create", Image, "true");
        }

        (await Admin.LinesAsync("ps", "-a", "--format", "{{.Names}}")).GroupBy(name => name.Split('/')[0]).Select(group => $"{group.Key}={group.Count()}").Order(StringComparer.Ordinal)
            .ShouldBe(["node-1=2", "node-2=2", "node-3=2"]);
    }

    [Theory]
    [InlineData("-e", "constraint:zone==b", "node-3")]
    [InlineData("--label", "com.docker.swarm.constraints=[\"zone==b\"]", "node-3")]
    [InlineData("-e", "constraint:node==node-2", "node-2")]
    [InlineData("-e", "constraint:node!=/node-[12]/", "node-3")]
    [InlineData("-e", "constraint:zone!=a", "node-3")]
    public async Task A_constraint_says_where(string option, string value, string node)
    {
        for (var i = 0; i < 2; i++)
        {
            await Admin.DockerAsync("create", "--name", $"there-{i}", option, value, Image, "true");
            (await NodeOfAsync($"there-{i}")).ShouldBe(node);
            (await OnEngineAsync(node, "inspect", "-f", "{{.Config.Env}}", $"there-{i}")).ShouldNotContain("constraint");
        }
    }

    [Fact]
    public async Task An_affinity_brings_containers_together()
    {
        await Admin.DockerAsync("create", "--name", "first", "--label", "tier=db", Image, "true");
        var node = await NodeOfAsync("first");

        await Admin.DockerAsync("create", "--name", "second", "-e", "affinity:container==first", Image, "true");
        await Admin.DockerAsync("create", "--name", "third", "-e", "affinity:tier==db", Image, "true");
        await Admin.DockerAsync("create", "--name", "apart", "-e", "affinity:tier!=db", Image, "true");

        (await NodeOfAsync("second")).ShouldBe(node);
        (await NodeOfAsync("third")).ShouldBe(node);
        (await NodeOfAsync("apart")).ShouldNotBe(node);
    }

    [Fact]
    public async Task A_refusal_names_every_node_with_what_speaks_against_it()
    {
        var text = await Admin.RefusedAsync("create", "-e", "constraint:zone==mars", Image, "true");

        foreach (var node in (string[])["node-1", "node-2", "node-3"])
        {
            text.ShouldContain(node);
        }

        text.ShouldContain("zone=mars");
        (await Admin.RefusedAsync("create", "-e", "constraint:zone=a", Image, "true")).ShouldContain("==");
        (await Cluster.PsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ports_and_memory_run_out_node_by_node()
    {
        for (var i = 0; i < 3; i++)
        {
            await SleeperAsync(Admin, $"web-{i}", "-p", "18443:443");
        }

        (await Admin.RefusedAsync("run", "-d", "-p", "18443:443", Image, "true")).ShouldContain("18443");
        (await Admin.RefusedAsync("create", "-m", "9000g", Image, "true")).ShouldContain("memory", Case.Insensitive);
        (await Cluster.PsAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_name_is_taken_in_the_whole_cluster()
    {
        await Admin.DockerAsync("create", "--name", "only-one", "-e", "constraint:node==node-1", Image, "true");

        var text = await Admin.RefusedAsync("create", "--name", "only-one", "-e", "constraint:node==node-2", Image, "true");
        text.ShouldContain("Conflict");
        text.ShouldContain("only-one");
        (await Admin.SendAsync("POST", "/containers/create?name=only-one", "{\"Image\":\"busybox\"}")).Status.ShouldBe(409);
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Admin.SendAsync("POST", "/containers/create?name=raced", "{\"Image\":\"busybox\"}")));
        together.Count(answer => answer.Status == 201).ShouldBe(1);
        together.Count(answer => answer.Status == 409).ShouldBe(7);
        (await Cluster.PsAsync()).Select(container => container.Name).Order(StringComparer.Ordinal).ShouldBe(["only-one", "raced"]);
    }

    [Fact]
    public async Task A_container_is_found_by_all_of_its_names()
    {
        var id = await SleeperAsync(Admin, "known");
        var node = await NodeOfAsync("known");
        var clusterId = await Admin.DockerAsync("container", "inspect", "-f", "{{index .Config.Labels \"controlplane.id\"}}", id);

        foreach (var name in (string[])["known", $"{node}/known", id, id[..12], id[..8], clusterId, clusterId[..12]])
        {
            (await Admin.DockerAsync("container", "inspect", "-f", "{{.Id}}", name)).ShouldBe(id, name);
            (await Admin.DockerAsync("exec", name, "hostname")).ShouldBe(id[..12], name);
        }

        foreach (var absent in (string[])["unknown", $"{(node == "node-1" ? "node-2" : "node-1")}/known", "knowN", "know", id[..^1] + "x", "node-9/known"])
        {
            (await Admin.RefusedAsync("container", "inspect", absent)).ShouldContain("No such container", Case.Insensitive, absent);
        }
    }

    [Fact]
    public async Task An_ambiguous_name_says_so_with_its_nodes()
    {
        await OnEngineAsync("node-1", "run", "-d", "--name", "twin", Image, "sleep", "3600");
        await OnEngineAsync("node-2", "run", "-d", "--name", "twin", Image, "sleep", "3600");
        await Clusters.Wait.UntilAsync("Both twins", 3, async () => (await Admin.LinesAsync("ps", "-q")).Length == 2);

        var text = await Admin.RefusedAsync("stop", "twin");
        text.ShouldContain("node-1/twin");
        text.ShouldContain("node-2/twin");
        await Admin.DockerAsync("kill", "node-2/twin");
        (await OnEngineAsync("node-1", "inspect", "-f", "{{.State.Status}}", "twin")).ShouldBe("running");
        (await OnEngineAsync("node-2", "inspect", "-f", "{{.State.Status}}", "twin")).ShouldBe("exited");
    }

    [Fact]
    public async Task A_name_that_looks_like_anothers_id_is_refused()
    {
        var id = await SleeperAsync(Admin, "shadowed");
        await Admin.DockerAsync("create", "--name", "other", Image, "true");

        foreach (var name in (string[])[id[..12], id, id[..16]])
        {
            await Admin.RefusedAsync("create", "--name", name, Image, "true");
            await Admin.RefusedAsync("rename", "other", name);
        }

        (await Cluster.PsAsync()).Select(container => container.Name).Order(StringComparer.Ordinal).ShouldBe(["other", "shadowed"]);
    }

    [Fact]
    public async Task Ps_filters_as_an_engine_and_by_node()
    {
        await SleeperAsync(Admin, "a-one", "--label", "tier=web", "-e", "constraint:node==node-1", "-p", "18081:80");
        await SleeperAsync(Admin, "a-two", "--label", "tier=db", "-e", "constraint:node==node-2");
        await Admin.TryAsync("run", "--name", "b-three", "-e", "constraint:node==node-3", Image, "sh", "-c", "exit 3");

        (await PsAsync("name=a-")).ShouldBe("node-1/a-one node-2/a-two");
        (await PsAsync("name=^/a-one$")).ShouldBe("node-1/a-one");
        (await PsAsync("name=^(a-t[w]o|b-.*)$")).ShouldBe("node-2/a-two node-3/b-three");
        (await PsAsync("name=^/node-[12]/a")).ShouldBe("node-1/a-one node-2/a-two");
        (await Admin.RefusedAsync("ps", "--filter", "name=[")).ShouldContain("regular expression");
        (await PsAsync("label=tier")).ShouldBe("node-1/a-one node-2/a-two");
        (await PsAsync("label=tier=db")).ShouldBe("node-2/a-two");
        (await PsAsync("node=node-3")).ShouldBe("node-3/b-three");
        (await PsAsync("status=exited")).ShouldBe("node-3/b-three");
        (await PsAsync("exited=3")).ShouldBe("node-3/b-three");
        (await PsAsync("ancestor=busybox")).ShouldBe("node-1/a-one node-2/a-two node-3/b-three");
        (await PsAsync("publish=18081")).ShouldBe("node-1/a-one");
        (await PsAsync("since=a-one")).ShouldBe("node-2/a-two node-3/b-three");
        (await PsAsync("before=b-three")).ShouldBe("node-1/a-one node-2/a-two");
        (await PsAsync("network=bridge")).ShouldContain("a-one");
        (await Admin.RefusedAsync("ps", "--filter", "nonsense=1")).ShouldContain("nonsense");
        (await Admin.LinesAsync("ps", "-n", "2", "--format", "{{.Names}}")).ShouldBe(["node-3/b-three", "node-2/a-two"]);
        (await Admin.LinesAsync("ps", "--format", "{{.Names}}")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Inspect_says_the_node()
    {
        await SleeperAsync(Admin, "inspected", "-e", "constraint:zone==b");

        var node = (await Admin.GetAsync("/containers/inspected/json"))["Node"]!;

        node["Name"]!.GetValue<string>().ShouldBe("node-3");
        node["Labels"]!["zone"]!.GetValue<string>().ShouldBe("b");
        node["Cpus"]!.GetValue<int>().ShouldBe(System.Environment.ProcessorCount);
        node["Memory"]!.GetValue<long>().ShouldBeGreaterThan(0);
        (await Admin.DockerAsync("container", "inspect", "-s", "-f", "{{.SizeRw}}", "inspected")).ShouldMatch("^[0-9]+$");
    }

    private async Task<string> PsAsync(string filter) =>
        string.Join(' ', (await Admin.LinesAsync("ps", "-a", "--filter", filter, "--format", "{{.Names}}")).Order(StringComparer.Ordinal));
}
