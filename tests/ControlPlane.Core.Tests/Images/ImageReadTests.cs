using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImageReadTests
{
    [Fact]
    public async Task An_inspect_asks_the_first_ready_node_by_the_whole_id()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));
        world.AddNode("n2", Image('b', "busybox:1"));
        world.Change("n1", node => node with { State = NodeState.Unknown });
        world.Tunnels.Engine = exchange => exchange.AnswerAsync(200, "{}");

        await using var reply = (await world.Reads.InspectAsync(Admin, "busybox:1", CancellationToken.None)).Value;

        world.Tunnels.Asked.Single().ShouldBe(("n2", new InspectImage(Id('b'))));
    }

    [Fact]
    public async Task An_image_whose_nodes_are_away_is_unavailable_and_says_why()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));
        world.Change("n1", node => node with { State = NodeState.Unknown, StateReason = "session lost" });

        (await world.Reads.HistoryAsync(Admin, "busybox:1", CancellationToken.None)).Error.ShouldBeOfType<UnavailableError>().Message.ShouldContain("n1 is Unknown (session lost)");
    }

    [Fact]
    public async Task What_the_engine_refuses_names_the_node()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "busybox:1"));
        world.Tunnels.Engine = exchange => exchange.AnswerAsync(404, """{"message":"No such image"}""");

        (await world.Reads.InspectAsync(Admin, "busybox:1", CancellationToken.None)).Error.ShouldBe(new EngineError("image.not_found", "n1: No such image", 404));
    }

    [Fact]
    public async Task A_save_takes_the_node_that_has_them_all()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "one:1"));
        world.AddNode("n2", Image('a', "one:1"), Image('b', "two:1"));
        world.Tunnels.Engine = exchange => exchange.AnswerAsync(200, "tar");

        await using var reply = (await world.Reads.SaveAsync(Admin, ["one:1", "bbbb"], CancellationToken.None)).Value;

        world.Tunnels.Asked.Single().Node.ShouldBe("n2");
        world.Tunnels.AskedOf<SaveImages>().Single().References.ShouldBe(["docker.io/library/one:1", Id('b')]);
    }

    [Fact]
    public async Task Images_that_are_not_together_are_not_saved_together()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "one:1"));
        world.AddNode("n2", Image('b', "two:1"));

        var error = (await world.Reads.SaveAsync(Admin, ["one:1", "two:1"], CancellationToken.None)).Error.ShouldBeOfType<NotFoundError>();

        error.Message.ShouldContain("one:1 is on n1; two:1 is on n2");
        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_may_make_nodes_ask_registries_may_pull()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        var viewer = await world.Containers.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/");
        world.Tunnels.Engine = exchange => exchange.AnswerAsync(200, "[]");
        var none = new Dictionary<string, IReadOnlyList<string>>();

        (await world.Reads.SearchAsync(viewer, "nginx", null, none, null, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Reads.DistributionAsync(viewer, "nginx", null, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Reads.SearchAsync(Admin, "http://169.254.169.254/x", null, none, null, CancellationToken.None)).Error.ShouldBeOfType<InvalidError>();
        (await world.Reads.SearchAsync(Admin, "nginx", 10, none, "YQ", CancellationToken.None)).IsSuccess.ShouldBeTrue();
        (await world.Reads.DistributionAsync(Admin, "nginx:1", "YQ", CancellationToken.None)).IsSuccess.ShouldBeTrue();

        world.Tunnels.AskedOf<SearchImages>().Single().ShouldBe(new SearchImages("nginx", 10, null) { RegistryAuth = "YQ" });
        world.Tunnels.AskedOf<InspectDistribution>().Single().Reference.ShouldBe("docker.io/library/nginx:1");
    }

    [Fact]
    public async Task A_push_goes_from_a_node_that_has_it_and_its_lines_are_unchanged()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2", Image('a', "r.example.com/app:1"));
        const string Aux = """{"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:1","Size":1}}""";
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.SayAsync("""{"status":"Pushed","id":"layer"}""", Aux);
            await exchange.EndAsync();
        };

        (await world.Pushes.PushAsync(Admin, "r.example.com/app", "1", "YQ", world.Take, CancellationToken.None)).ShouldBeNull();

        world.Lines.ShouldBe(["""{"status":"Pushed","id":"layer"}""", Aux]);
        world.Tunnels.Asked.Single().ShouldBe(("n2", new PushImage("r.example.com/app", "1") { RegistryAuth = "YQ" }));
        (await world.Containers.AuditAsync()).Single().ObjectName.ShouldBe("r.example.com/app:1");
    }

    [Fact]
    public async Task A_push_that_fails_or_breaks_off_ends_with_an_error()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('a', "r.example.com/app:1"));
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.SayAsync("""{"status":"Preparing","id":"layer"}""");
            await ContainerWorld.UntilAsync(() => world.Lines.Count > 0);
            await exchange.BreakAsync();
        };

        (await world.Pushes.PushAsync(Admin, "r.example.com/app", null, null, world.Take, CancellationToken.None)).ShouldBeNull();

        world.LastError.ShouldNotBeNull().ShouldStartWith("n1: the connection broke off");
        (await world.Containers.AuditAsync()).Single().Result.ShouldBe("failed");
    }

    [Fact]
    public async Task Disk_usage_is_that_of_the_nodes_that_answer_and_shows_what_may_be_seen()
    {
        await using var world = await CreateAsync(new DeadlineOptions { DiskUsageSeconds = 1 });
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("n3");
        await world.Containers.CollectionAsync("/hidden");
        ImageChangeTests.Use(world, "n1", Id('a'), "/hidden");
        var data = new Contracts.Agents.VolumeReport("data", "local", "", new Dictionary<string, string>(), DateTime.UnixEpoch);
        world.Change("n1", node => node with { Volumes = [data] });
        world.Change("n2", node => node with { Volumes = [data] });
        using var owned = world.Containers.Ownership.Claim("n2", "volume", "data", "/hidden", "somebody");
        var viewer = await world.Containers.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/Shared");
        world.Tunnels.Engine = exchange => exchange.Node == "n3" ? Task.CompletedTask : exchange.AnswerAsync(200, $$"""
            {"LayersSize":10,"Images":[{"Id":"{{Id('a')}}","Size":10}],"Containers":[{"Id":"{{new string('8', 64)}}","Names":["/user"]}],
             "Volumes":[{"Name":"data","Driver":"local"}],"BuildCache":null,"BuilderSize":3}
            """);

        var all = (await world.Usages.GetAsync(Admin, [], CancellationToken.None)).Value;
        var seen = (await world.Usages.GetAsync(viewer, [], CancellationToken.None)).Value;
        var images = (await world.Usages.GetAsync(Admin, ["image"], CancellationToken.None)).Value;

        all["LayersSize"]!.GetValue<long>().ShouldBe(20);
        all["Images"]!.AsArray().Count.ShouldBe(2);
        all["Containers"]!.AsArray().Single()!["Names"]![0]!.GetValue<string>().ShouldBe("/n1/user");
        all["Volumes"]!.AsArray().Select(volume => volume!["Name"]!.GetValue<string>()).ShouldBe(["n1/data", "n2/data"]);
        seen["Containers"]!.AsArray().ShouldBeEmpty();
        seen["Volumes"]!.AsArray().Select(volume => volume!["Name"]!.GetValue<string>()).ShouldBe(["n1/data"]);
        images["Volumes"]!.AsArray().ShouldBeEmpty();
        (await world.Usages.GetAsync(Admin, ["secret"], CancellationToken.None)).Error.ShouldBeOfType<InvalidError>();
    }
}
