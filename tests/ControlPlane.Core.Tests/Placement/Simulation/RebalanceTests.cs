using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Access;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Placement.Simulation;

public sealed class RebalanceTests
{
    private static readonly ContainerCreateRequest Web = new() { Image = "busybox" };

    [Fact]
    public async Task Moves_even_out_what_lies_on_one_node_and_change_nothing()
    {
        await using var world = await CrowdedAsync(6);
        var position = world.State.Current.Position;

        var view = await PreviewAsync(world);

        view.Before.ShouldBe(new BalanceView(0, 6, 0, 0));
        view.After.ShouldBe(new BalanceView(2, 2, 0, 0));
        view.Moves.Count.ShouldBe(4);
        view.Moves.ShouldAllBe(move => move.From == "n1" && move.To != "n1" && move.Restarts);
        view.Moves.Select(move => move.After.MostContainers - move.After.FewestContainers).ShouldBe([5, 3, 2, 0]);
        view.Nodes.Select(node => (node.Before!.Containers, node.After!.Containers)).ShouldBe([(6, 2), (0, 2), (0, 2)]);
        world.State.Current.Position.ShouldBe(position);
        world.State.Current.AllContainers.ShouldAllBe(container => container.NodeId == "n1");
        world.State.Write(writer => writer.Placement.ReservationCount).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_cluster_gives_the_same_plan()
    {
        await using var world = await CrowdedAsync(7);

        var first = await PreviewAsync(world);
        var second = await PreviewAsync(world);

        second.Moves.ShouldBe(first.Moves);
    }

    [Fact]
    public async Task Reserved_shares_count_as_well_as_numbers()
    {
        await using var world = await CrowdedAsync(3, Web with { Resources = new ResourcesRequest { MemoryBytes = 300L << 20 } });

        var view = await PreviewAsync(world);

        view.Moves.Count.ShouldBe(2);
        view.Before.HighestShare.ShouldBeGreaterThan(40);
        view.After.HighestShare.ShouldBe(view.After.LowestShare);
    }

    [Fact]
    public async Task An_even_cluster_has_nothing_to_move()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        world.AddNode("n2");
        for (var i = 0; i < 5; i++)
        {
            await world.CreateAsync(Web);
        }

        var view = await PreviewAsync(world);

        view.Moves.ShouldBeEmpty();
        view.After.ShouldBe(view.Before);
    }

    [Fact]
    public async Task What_cannot_move_stays_with_its_reason()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        var agent = world.AddNode("n1");
        await world.CreateAsync(Web with { Name = "pinned", Constraints = ["node==n1"] });
        await world.CreateAsync(Web with { Name = "files", Mounts = [new MountRequest { Type = "bind", Source = "/srv", Target = "/srv" }] });
        await world.CreateAsync(Web with { Name = "base" });
        await world.CreateAsync(Web with { Name = "beside", NetworkMode = "container:base" });
        agent.Engine["f1"] = new Contracts.Agents.ContainerReport
        {
            EngineId = "f1", Name = "by-hand", Image = "busybox", ImageId = "sha256:1", Command = "sh", CreatedAt = DateTime.UnixEpoch, State = "running",
        };
        agent.ReportAll();
        world.AddNode("n2");

        var view = await PreviewAsync(world);

        view.Moves.ShouldBeEmpty();
        view.NotMovable.Select(staying => (staying.Reason, staying.Names.Single())).ShouldBe(
            [
                ("a constraint names its node", "pinned"), ("another container depends on it", "base"), ("depends on another container", "beside"),
                ("made directly on its engine", "by-hand"), ("uses files of its host", "files"),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Hard_constraints_hold_and_the_limit_too()
    {
        await using var world = await CrowdedAsync(6, Web with { Constraints = ["node!=n3"] });

        (await PreviewAsync(world)).Moves.ShouldAllBe(move => move.To == "n2");
        (await PreviewAsync(world, limit: 1)).Moves.Count.ShouldBe(1);
        (await new RebalancePreview(new Authorizer(new AccessStore(world.Database)), world.State, world.Database).GetAsync(ContainerWorld.Admin, 0, default)).Error.ShouldBeOfType<InvalidError>();
    }

    [Fact]
    public async Task Nodes_that_take_nothing_neither_give_nor_get()
    {
        await using var world = await CrowdedAsync(4);
        world.State.Write(writer => writer.Put(writer.Node("n2")! with { Availability = NodeAvailability.Drain }));

        var view = await PreviewAsync(world);

        view.Nodes.Select(node => node.Node).ShouldBe(["n1", "n3"]);
        view.Moves.ShouldAllBe(move => move.To == "n3");
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        await using var world = await CrowdedAsync(1);

        (await new RebalancePreview(new Authorizer(new AccessStore(world.Database)), world.State, world.Database).GetAsync(ContainerWorld.Stranger, 20, default)).Error.ShouldBeOfType<ForbiddenError>();
    }

    /// <summary>So many containers on n1, then two nodes more.</summary>
    private static async Task<ContainerWorld> CrowdedAsync(int count, ContainerCreateRequest? request = null)
    {
        var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        world.AddNode("n1");
        for (var i = 0; i < count; i++)
        {
            (await world.CreateAsync((request ?? Web) with { Name = $"web-{i}" })).IsSuccess.ShouldBeTrue();
        }

        world.AddNode("n2");
        world.AddNode("n3");
        return world;
    }

    private static async Task<RebalanceView> PreviewAsync(ContainerWorld world, int limit = 20) =>
        (await new RebalancePreview(new Authorizer(new AccessStore(world.Database)), world.State, world.Database).GetAsync(ContainerWorld.Admin, limit, default)).Value;
}
