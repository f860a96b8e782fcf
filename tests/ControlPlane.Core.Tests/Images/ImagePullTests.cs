using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Core.Tests.Containers;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImagePullTests
{
    private const string Tag = "busybox:1";
    private const string ByTag = "docker.io/library/busybox:1";
    private static readonly string ByDigest = "docker.io/library/busybox@" + Digest('d');

    [Fact]
    public async Task A_tag_is_resolved_once_and_all_nodes_get_what_it_stood_for()
    {
        await using var world = await CreateAsync();
        var agents = new[] { "n1", "n2", "n3" }.Select(name => world.AddNode(name)).ToList();
        world.Tunnels.Engine = exchange => GiveAsync(world, exchange);

        (await PullAsync(world, Tag)).ShouldBeNull();

        world.Tunnels.AskedOf<FetchImage>().Select(asked => asked.Reference).ShouldBe([ByTag, ByDigest, ByDigest]);
        agents.SelectMany(agent => agent.Received).OfType<TagImage>().Select(tag => (tag.Reference, tag.Repository, tag.Tag)).ShouldBe([(ByDigest, "busybox", "1"), (ByDigest, "busybox", "1")]);
        world.LastError.ShouldBeNull();
        var entry = (await world.Containers.AuditAsync()).Single();
        (entry.Action, entry.Result, entry.ObjectName).ShouldBe(("images.pull", "ok", Tag));
        entry.Detail.ShouldNotBeNull().ShouldContain("n1, ");
        entry.Detail.ShouldContain(Digest('d'));
    }

    [Fact]
    public async Task Lines_carry_their_node_and_progress_is_thinned_out()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.SayAsync("""{"status":"Pulling fs layer","progressDetail":{},"id":"layer"}""");
            await exchange.SayAsync([.. Enumerable.Range(0, 500).Select(i => $$$"""{"status":"Downloading","progressDetail":{"current":{{{i}}},"total":500},"id":"layer"}""")]);
            await exchange.SayAsync("""{"status":"Pull complete","progressDetail":{},"id":"layer"}""");
            await GiveAsync(world, exchange);
        };

        (await PullAsync(world, Tag)).ShouldBeNull();

        var lines = world.Lines.ConvertAll(line => JsonElement.Parse(line));
        lines.Select(line => line.GetProperty("id").GetString()).Distinct().ShouldBe(["n1:layer", "n1"]);
        lines.Count(line => line.GetProperty("status").GetString() == "Downloading").ShouldBeLessThan(50);
        lines.Select(line => line.GetProperty("status").GetString()).ShouldContain("Pull complete");
    }

    [Fact]
    public async Task A_node_that_has_the_tag_is_asked_all_the_same_but_one_that_has_the_digest_is_not()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1", Image('0', Tag));
        var second = world.AddNode("n2", Image('1', "other:1") with { Digests = ["busybox@" + Digest('d')] });
        world.Tunnels.Engine = exchange => GiveAsync(world, exchange);

        (await PullAsync(world, Tag)).ShouldBeNull();
        (await PullAsync(world, "busybox@" + Digest('d'))).ShouldBeNull();

        world.Tunnels.NodesAsked<FetchImage>().ShouldBe(["n1"]);
        second.Received.OfType<TagImage>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_node_that_fails_is_named_at_the_end_and_the_others_go_on()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("n3");
        world.Tunnels.Engine = async exchange =>
        {
            if (exchange.Node == "n2")
            {
                await exchange.SayAsync("""{"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}""");
                await exchange.EndAsync();
                return;
            }

            await GiveAsync(world, exchange);
        };

        (await PullAsync(world, Tag)).ShouldBeNull();

        world.LastError.ShouldBe("n2: no space left on device");
        world.Queries.Find(Admin, Tag).Value.Held.Select(held => held.Node.Name).ShouldBe(["n1"]);
        world.Lines.Count(line => line.Contains("\"error\"", StringComparison.Ordinal)).ShouldBe(1);
        (await world.Containers.AuditAsync()).Single().Result.ShouldBe("failed");
    }

    [Fact]
    public async Task A_frozen_first_node_holds_nobody_up_and_is_given_up()
    {
        await using var world = await CreateAsync(new DeadlineOptions { ImageLeadSeconds = 1, ImageIdleSeconds = 3 });
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("n3");
        var others = new CountdownEvent(2);
        world.Tunnels.Engine = async exchange =>
        {
            if (exchange.Node != "n1")
            {
                await GiveAsync(world, exchange);
                others.Signal();
            }
        };

        var pull = PullAsync(world, Tag);
        await ContainerWorld.UntilAsync(() => others.IsSet);
        pull.IsCompleted.ShouldBeFalse();
        (await pull).ShouldBeNull();

        world.LastError.ShouldNotBeNull().ShouldStartWith("n1 said nothing");
        world.Tunnels.Exchanges.ShouldAllBe(exchange => exchange.IsDisposed);
        world.Tunnels.AskedOf<FetchImage>().Select(asked => asked.Reference).ShouldBe([ByTag, ByTag, ByDigest]);
    }

    [Fact]
    public async Task What_the_registry_does_not_know_is_asked_of_one_node_and_is_an_error_with_its_own_status()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.Tunnels.Engine = exchange => exchange.AnswerAsync(404, """{"message":"manifest for busybox:1 not found: manifest unknown"}""");

        var error = (await PullAsync(world, Tag)).ShouldBeOfType<EngineError>();

        error.EngineStatus.ShouldBe(404);
        error.Message.ShouldContain("manifest unknown");
        world.Lines.ShouldBeEmpty();
        world.Tunnels.NodesAsked<FetchImage>().ShouldBe(["n1"]);
    }

    [Fact]
    public async Task A_registry_that_gives_by_tag_only_is_asked_by_the_tag()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.Tunnels.Engine = exchange => exchange.Request is FetchImage { Reference: var reference } && reference == ByDigest
            ? exchange.AnswerAsync(404, """{"message":"manifest unknown"}""")
            : GiveAsync(world, exchange);

        (await PullAsync(world, Tag)).ShouldBeNull();

        world.LastError.ShouldBeNull();
        world.Tunnels.AskedOf<FetchImage>().Select(asked => asked.Reference).ShouldBe([ByTag, ByDigest, ByTag]);
    }

    [Fact]
    public async Task Only_nodes_take_it_on_which_the_caller_may_pull_and_run_containers()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("n3");
        await world.Containers.CollectionAsync("/other");
        world.Change("n2", node => node with { Collection = "/other" });
        world.Change("n3", node => node with { Availability = NodeAvailability.Drain });
        await world.Containers.GrantAsync("dev", BuiltInRoles.RestrictedControlId, "/");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.SchedulerId, "/Shared");
        world.Tunnels.Engine = exchange => GiveAsync(world, exchange);

        (await world.Pulls.PullAsync(dev, new ImagePullRequest("busybox", "1", null, null), world.Take, CancellationToken.None)).ShouldBeNull();

        world.Tunnels.NodesAsked<FetchImage>().ShouldBe(["n1"]);
    }

    [Fact]
    public async Task Who_may_not_pull_is_refused_and_that_is_noted()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        var viewer = await world.Containers.GrantAsync("viewer", BuiltInRoles.ViewOnlyId, "/");

        (await world.Pulls.PullAsync(viewer, new ImagePullRequest("busybox", "1", null, null), world.Take, CancellationToken.None)).ShouldBeOfType<ForbiddenError>();

        world.Tunnels.Asked.ShouldBeEmpty();
        (await world.Containers.AuditAsync()).Single().Result.ShouldBe("refused");
    }

    [Theory]
    [InlineData("busybox", null, null, "tag")]
    [InlineData("Busybox", "1", null, "fromImage")]
    [InlineData("busybox", "1/2", null, "fromImage")]
    [InlineData("busybox", "1", "linux", "platform")]
    public async Task What_is_no_name_is_refused(string name, string? tag, string? platform, string field)
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");

        var error = await world.Pulls.PullAsync(Admin, new ImagePullRequest(name, tag, platform, null), world.Take, CancellationToken.None);

        error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe(field);
    }

    [Fact]
    public async Task Credentials_go_to_the_nodes_and_nowhere_else()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        world.Tunnels.Engine = exchange => GiveAsync(world, exchange);
        var request = new ImagePullRequest("busybox", "1", null, "c2VjcmV0LWNyZWRlbnRpYWw");

        (await world.Pulls.PullAsync(Admin, request, world.Take, CancellationToken.None)).ShouldBeNull();

        world.Tunnels.AskedOf<FetchImage>().ShouldAllBe(asked => asked.RegistryAuth == "c2VjcmV0LWNyZWRlbnRpYWw");
        var entry = (await world.Containers.AuditAsync()).Single();
        $"{entry.Detail} {entry.ParametersJson} {request} {string.Join(' ', world.Lines)}".ShouldNotContain("c2VjcmV0");
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_pull_on_the_nodes()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        using var client = new CancellationTokenSource();
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.SayAsync("""{"status":"Downloading","progressDetail":{"current":1},"id":"layer"}""");
            await client.CancelAsync();
        };

        await Should.ThrowAsync<OperationCanceledException>(world.Pulls.PullAsync(Admin, new ImagePullRequest("busybox", "1", null, null), world.Take, client.Token));

        world.Tunnels.Exchanges.Single().IsDisposed.ShouldBeTrue();
        (await world.Containers.AuditAsync()).Single().Detail.ShouldNotBeNull().ShouldContain("went away");
    }

    private static Task<Error?> PullAsync(ImageWorld world, string name)
    {
        var cut = name.LastIndexOf(':');
        var request = name.Contains('@', StringComparison.Ordinal) ? new ImagePullRequest(name, null, null, null) : new ImagePullRequest(name[..cut], name[(cut + 1)..], null, null);
        return world.Pulls.PullAsync(Admin, request, world.Take, CancellationToken.None);
    }

    /// <summary>What an engine does: pulls, reports, says which digest it was.</summary>
    private static async Task GiveAsync(ImageWorld world, ScriptedExchange exchange)
    {
        var byTag = ((FetchImage)exchange.Request).Reference == ByTag;
        world.Add(exchange.Node, Image('1', byTag ? [Tag] : []) with { Digests = ["busybox@" + Digest('d')] });
        await exchange.SayAsync($$"""{"status":"Digest: {{Digest('d')}}"}""", """{"status":"Status: Downloaded newer image"}""");
        await exchange.EndAsync();
    }
}
