using System.Security.Cryptography;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Admission;
using ControlPlane.Engine.Images;
using static ControlPlane.Core.Tests.Images.ImageWorld;

namespace ControlPlane.Core.Tests.Images;

public sealed class ImageBuildTests
{
    private static readonly byte[] Context = RandomNumberGenerator.GetBytes(300_000);

    [Fact]
    public async Task A_build_goes_where_its_constraint_says_and_the_constraint_is_not_passed_on()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        byte[]? got = null;
        var aux = $$$"""{"aux":{"ID":"{{{Id('1')}}}"}}""";
        world.Tunnels.Engine = async exchange =>
        {
            got = await SHA256.HashDataAsync(exchange.Sent);
            world.Add(exchange.Node, Image('1', "app:1"));
            await exchange.SayAsync("""{"stream":"Step 1/1 : FROM busybox\n"}""", aux, """{"stream":"Successfully built 111111111111\n"}""");
            await exchange.EndAsync();
        };
        var arguments = new Dictionary<string, string> { ["constraint:node"] = "=n2", ["VERSION"] = "1" };

        (await BuildAsync(world, new BuildSpec { T = ["app:1"], BuildArgs = arguments, Memory = 1 << 20, Rm = true })).ShouldBeNull();

        world.Tunnels.Asked.Single().Node.ShouldBe("n2");
        var query = world.Tunnels.AskedOf<BuildImage>().Single().Query;
        query.ShouldContain(KeyValuePair.Create("buildargs", """{"VERSION":"1"}"""));
        query.ShouldContain(KeyValuePair.Create("t", "app:1"));
        query.ShouldContain(KeyValuePair.Create("memory", "1048576"));
        got.ShouldBe(SHA256.HashData(Context));
        world.Lines[0].ShouldContain("Building on n2");
        world.Lines.ShouldContain(aux);
        (await world.Containers.AuditAsync()).Single().Detail.ShouldBe($"on n2; {Id('1')}");
    }

    [Fact]
    public async Task A_quiet_build_says_nothing_but_what_the_engine_says()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.Sent.CopyToAsync(Stream.Null);
            await exchange.SayAsync($$"""{"stream":"{{Id('1')}}\n"}""");
            await exchange.EndAsync();
        };

        (await BuildAsync(world, new BuildSpec { Q = true })).ShouldBeNull();

        world.Lines.Single().ShouldContain(Id('1'));
    }

    [Fact]
    public async Task Memory_counts_as_reserved_while_it_builds_and_is_free_afterwards()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        var building = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        world.Tunnels.Engine = async exchange =>
        {
            building.TrySetResult();
            await go.Task;
            await exchange.Sent.CopyToAsync(Stream.Null);
            await exchange.EndAsync();
        };
        var spec = new BuildSpec { Memory = 700L << 20 };

        var first = BuildAsync(world, spec);
        await building.Task;
        var refused = (await BuildAsync(world, spec)).ShouldBeOfType<PlacementError>();
        go.SetResult();
        (await first).ShouldBeNull();

        refused.Detail.ShouldNotBeNull();
        (await BuildAsync(world, spec)).ShouldBeNull();
    }

    [Fact]
    public async Task What_no_node_fits_says_why_and_asks_nobody()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");

        (await BuildAsync(world, new BuildSpec { BuildArgs = new Dictionary<string, string> { ["constraint:node"] = "=n9" } })).ShouldBeOfType<PlacementError>();

        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_build_that_fails_ends_with_the_engines_error()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.Sent.CopyToAsync(Stream.Null);
            await exchange.SayAsync("""{"stream":"Step 1/1 : RUN false\n"}""", """{"errorDetail":{"code":1,"message":"returned a non-zero code: 1"},"error":"returned a non-zero code: 1"}""");
            await exchange.EndAsync();
        };

        (await BuildAsync(world, new BuildSpec())).ShouldBeNull();

        world.LastError.ShouldBe("n1: returned a non-zero code: 1");
        (await world.Containers.AuditAsync()).Single().Result.ShouldBe("failed");
    }

    [Fact]
    public async Task BuildKit_is_refused_with_the_way_to_build()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");

        foreach (var spec in new[] { new BuildSpec { Version = "2" }, new BuildSpec { Outputs = "[{\"Type\":\"local\"}]" } })
        {
            (await BuildAsync(world, spec)).ShouldBeOfType<InvalidError>().Message.ShouldContain("DOCKER_BUILDKIT=0");
        }

        (await BuildAsync(world, new BuildSpec { Remote = "https://example.com/x.git" })).ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe("remote");
        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("constraint:node", "", "buildargs[\"constraint:node\"]")]
    [InlineData("whitelist:node", "=a b", "buildargs[\"whitelist:node\"]")]
    public async Task A_placement_that_means_nothing_is_refused_under_its_name(string name, string value, string field)
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");

        (await BuildAsync(world, new BuildSpec { BuildArgs = new Dictionary<string, string> { [name] = value } })).ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe(field);
    }

    [Fact]
    public async Task What_reaches_the_host_needs_its_right()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        var role = await world.Containers.RoleAsync("builder", [Permission.NodesRead, Permission.NodesSchedule, Permission.ImagesRead, Permission.ImagesBuild]);
        var builder = await world.Containers.GrantAsync("builder", role, "/Shared");

        var error = await world.Builds.BuildAsync(builder, new BuildRequest(new BuildSpec { NetworkMode = "host" }, [], null), new MemoryStream(Context), world.Take, CancellationToken.None);

        AdmissionSetup.NotAdmitted(error);
        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nodes_on_which_the_caller_may_not_build_are_not_chosen()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        await world.Containers.CollectionAsync("/nodes");
        world.Change("n1", node => node with { Collection = "/nodes" });
        await world.Containers.GrantAsync("dev", BuiltInRoles.SchedulerId, "/nodes");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/Shared");

        (await world.Builds.BuildAsync(dev, new BuildRequest(new BuildSpec(), [], null), new MemoryStream(Context), world.Take, CancellationToken.None)).ShouldBeOfType<ForbiddenError>();

        world.Tunnels.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Rights_of_a_build_are_those_on_the_collection_of_its_node()
    {
        await using var world = await CreateAsync();
        world.AddNode("n1");
        world.AddNode("n2");
        await world.Containers.CollectionAsync("/strict", new CollectionPolicy { ForbiddenOptions = [Permission.HostNetwork] });
        await world.Containers.CollectionAsync("/mine");
        world.Change("n1", node => node with { Collection = "/strict" });
        world.Change("n2", node => node with { Collection = "/mine" });
        await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/strict");
        var dev = await world.Containers.GrantAsync("dev", BuiltInRoles.FullControlId, "/mine");
        world.Tunnels.Engine = async exchange =>
        {
            await exchange.Sent.CopyToAsync(Stream.Null);
            await exchange.EndAsync();
        };

        (await world.Builds.BuildAsync(dev, new BuildRequest(new BuildSpec { NetworkMode = "host" }, [], null), new MemoryStream(Context), world.Take, CancellationToken.None)).ShouldBeNull();

        world.Tunnels.Asked.Single().Node.ShouldBe("n2");
    }

    private static Task<Error?> BuildAsync(ImageWorld world, BuildSpec spec) =>
        world.Builds.BuildAsync(Admin, new BuildRequest(spec, [], null), new MemoryStream(Context), world.Take, CancellationToken.None);
}
