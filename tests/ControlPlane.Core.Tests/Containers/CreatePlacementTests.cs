using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>From the words of a request to the node it goes to.</summary>
public sealed class CreatePlacementTests
{
    private static readonly ContainerCreateRequest Any = new() { Image = "busybox" };

    [Theory, DatabaseData]
    public async Task Generic_resources_are_reserved_where_they_are_declared_until_there_are_none(DatabaseKind kind)
    {
        await using var world = await TwoNodesAsync(kind);
        world.State.Write(writer => writer.Put(writer.Node("n2")! with { GenericResources = ImmutableSortedDictionary<string, long>.Empty.Add("gpu", 2) }));
        var two = Any with { Resources = new ResourcesRequest { Generic = new Dictionary<string, long> { ["gpu"] = 2 } } };

        (await NodeAsync(world, two)).ShouldBe("n2");
        (await world.CreateAsync(two)).Error.ShouldBeOfType<PlacementError>().Message.ShouldContain("gpu");
    }

    [Theory, DatabaseData]
    public async Task Affinities_go_by_name_and_by_label_at_once_after_a_create(DatabaseKind kind)
    {
        await using var world = await TwoNodesAsync(kind);
        var db = await NodeAsync(world, Any with { Name = "db", Labels = new Dictionary<string, string> { ["tier"] = "data" } });

        (await NodeAsync(world, Any with { Affinities = ["container==db"] })).ShouldBe(db);
        (await NodeAsync(world, Any with { Env = new Dictionary<string, string> { ["affinity:tier!"] = "data" } })).ShouldNotBe(db);
        (await NodeAsync(world, Any with { NetworkMode = "container:db" })).ShouldBe(db);
    }

    [Theory, DatabaseData]
    public async Task A_white_list_and_a_named_volume_bind(DatabaseKind kind)
    {
        await using var world = await TwoNodesAsync(kind);
        world.State.Write(writer => writer.Put(ContentFacts.With(
            writer.Node("n1")!, null, null, [new VolumeReport("files", "local", "/v", new Dictionary<string, string>(), DateTime.UnixEpoch)])));
        var files = Any with { Mounts = [new MountRequest { Type = "volume", Source = "files", Target = "/files" }] };

        (await NodeAsync(world, Any with { Labels = new Dictionary<string, string> { ["com.docker.swarm.whitelists"] = """["node==n2|n3"]""" } })).ShouldBe("n2");
        (await NodeAsync(world, files)).ShouldBe("n1");
        (await world.CreateAsync(files with { Constraints = ["node==n2"] })).Error.ShouldBeOfType<PlacementError>().Message.ShouldContain("files");
    }

    [Theory, DatabaseData]
    public async Task A_foreign_platform_and_a_full_node_are_refused_in_words(DatabaseKind kind)
    {
        await using var world = await TwoNodesAsync(kind);
        (await world.CreateAsync(Any with { Platform = "linux/s390x" })).Error.ShouldBeOfType<PlacementError>().Message.ShouldContain("s390x");

        world.State.Write(writer =>
        {
            foreach (var id in (string[])["n1", "n2"])
            {
                writer.Put(writer.Node(id)! with { Labels = ImmutableSortedDictionary<string, string>.Empty.Add("containerslots", "1") });
            }
        });
        await NodeAsync(world, Any);
        await NodeAsync(world, Any);
        (await world.CreateAsync(Any)).Error.ShouldBeOfType<PlacementError>();
    }

    [Theory, DatabaseData]
    public async Task The_clusters_strategy_is_that_of_requests_that_name_none(DatabaseKind kind)
    {
        await using var world = await TwoNodesAsync(kind);
        world.State.Write(writer => writer.Put(new SchedulingSettings("binpack", 5, 1)));

        var first = await NodeAsync(world, Any);
        (await NodeAsync(world, Any)).ShouldBe(first);
        (await NodeAsync(world, Any with { Strategy = "spread" })).ShouldNotBe(first);
    }

    private static async Task<ContainerWorld> TwoNodesAsync(DatabaseKind kind)
    {
        var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        world.AddNode("n2");
        return world;
    }

    private static async Task<string> NodeAsync(ContainerWorld world, ContainerCreateRequest request)
    {
        var created = await world.CreateAsync(request);
        created.IsSuccess.ShouldBeTrue(created.IsSuccess ? "" : created.Error.Message);
        return created.Value.Placement.Node!;
    }
}
