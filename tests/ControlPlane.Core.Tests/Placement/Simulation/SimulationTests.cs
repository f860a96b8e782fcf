using System.Diagnostics;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;
using NodeLoads = System.Collections.Generic.List<(string Node, int Containers, long Memory, int Reservations)>;

namespace ControlPlane.Core.Tests.Placement.Simulation;

public sealed class SimulationTests
{
    private const long MiB = 1L << 20;

    private static readonly ContainerCreateRequest Small = new() { Image = "busybox", Resources = new ResourcesRequest { MemoryBytes = 128 * MiB } };

    [Fact]
    public async Task Placements_are_made_one_after_the_other_and_change_nothing()
    {
        await using var world = await ThreeNodesAsync();
        await world.CreateAsync(Small with { Name = "web" });
        var before = Live(world);
        var position = world.State.Current.Position;

        var view = (await SimulateAsync(world, Asks(Small, 5))).Value;

        view.Totals.ShouldBe(new SimulationTotals(5, 0, 0, 0, 0));
        view.Nodes.Select(node => node.After!.Containers).ShouldBe([2, 2, 2]);
        view.Nodes.Sum(node => node.Before!.Containers).ShouldBe(1);
        view.Nodes.ShouldAllBe(node => node.After!.MemoryReservedBytes == 256 * MiB && node.After.MemoryPercent == 25);
        Live(world).ShouldBe(before);
        world.State.Current.Position.ShouldBe(position);
        (await world.RowsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_simulation_gives_the_same_answer()
    {
        await using var world = await ThreeNodesAsync();

        var first = (await SimulateAsync(world, Asks(Small, 4))).Value;
        var second = (await SimulateAsync(world, Asks(Small, 4))).Value;

        second.Placements.Select(placement => placement.Placement.Node).ShouldBe(first.Placements.Select(placement => placement.Placement.Node));
    }

    [Fact]
    public async Task A_single_placement_is_explained_in_full_and_many_in_a_sentence()
    {
        await using var world = await ThreeNodesAsync();

        (await SimulateAsync(world, Asks(Small, 1))).Value.Placements.Single().Placement.Nodes.Count.ShouldBe(3);
        (await SimulateAsync(world, Asks(Small, 2))).Value.Placements.ShouldAllBe(placement => placement.Placement.Nodes.Count == 0 && placement.Placement.Summary.Length > 0);
        (await SimulateAsync(world, Asks(Small, 2) with { Explain = true })).Value.Placements.ShouldAllBe(placement => placement.Placement.Nodes.Count == 3);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_its_reason_and_the_rest_goes_on()
    {
        await using var world = await ThreeNodesAsync();
        var port = Small with { Ports = [new PortRequest { ContainerPort = 80, HostPort = 80 }] };

        var view = (await SimulateAsync(world, new SimulationRequest { Requests = [new SimulatedCreate { Request = port, Count = 5 }, new SimulatedCreate { Request = Small }] })).Value;

        view.Totals.ShouldBe(new SimulationTotals(4, 2, 0, 0, 0));
        var group = view.Refusals.ShouldHaveSingleItem();
        group.Count.ShouldBe(2);
        group.Requests.ShouldBe([0]);
        group.Summary.ShouldContain("0 of 3 nodes fit");
        view.Placements[3].Placement.RemovedByFilter["port"].ShouldBe(3);
    }

    [Fact]
    public async Task A_drained_nodes_containers_are_placed_anew_and_unmanaged_ones_stay()
    {
        await using var world = await ThreeNodesAsync();
        var node = (await world.CreateAsync(Small with { Name = "web" })).Value.Placement.Node!;
        var pinned = (await world.CreateAsync(Small with { Name = "pinned", Constraints = [$"node=={node}"] })).Value;
        var engine = new ScriptedAgent(node, world.State, world.Links);
        engine.Engine["f1"] = Foreign("by-hand");
        engine.ReportAll();

        var view = (await SimulateAsync(world, Changes(new SimulatedNodeChange { Node = node, Availability = "drain" }))).Value;

        view.Totals.ShouldBe(new SimulationTotals(0, 0, 1, 1, 1));
        view.Moves.Single(move => move.Name == "web").Placement.Node.ShouldNotBe(node);
        view.Moves.Single(move => move.Id == pinned.Id).Placement.Node.ShouldBeNull();
        view.Refusals.Single().Moves.ShouldBe(["pinned"]);
        view.Staying.Single().ShouldSatisfyAllConditions(
            staying => staying.Node.ShouldBe(node),
            staying => staying.Names.ShouldBe(["by-hand"]),
            staying => staying.Reason.ShouldBe("made directly on its engine"));
        var drained = view.Nodes.Single(after => after.Node == node);
        (drained.Change, drained.Availability, drained.Before!.Containers, drained.After!.Containers).ShouldBe(("changed", "drain", 3, 2));
    }

    [Fact]
    public async Task New_nodes_take_what_fitted_nowhere()
    {
        await using var world = await ThreeNodesAsync();
        var large = Small with { Resources = new ResourcesRequest { MemoryBytes = 900 * MiB } };

        (await SimulateAsync(world, Asks(large, 5))).Value.Totals.Refused.ShouldBe(2);
        var view = (await SimulateAsync(world, Asks(large, 5) with
        {
            Changes = new SimulatedChanges
            {
                AddNodes = [new SimulatedNodeAddition { Like = "n1" }, new SimulatedNodeAddition { Name = "big", Cpus = 8, MemoryBytes = 4096 * MiB, Labels = new Dictionary<string, string> { ["disk"] = "ssd" } }],
            },
        })).Value;

        view.Totals.Refused.ShouldBe(0);
        view.Nodes.Where(node => node.Change == "added").Select(node => node.Node).ShouldBe(["big", "n1-new-1"]);
        view.Nodes.Single(node => node.Node == "big").Before.ShouldBeNull();
        world.State.Current.Nodes.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Labels_and_failures_of_the_simulated_cluster_count()
    {
        await using var world = await ThreeNodesAsync();
        var request = Asks(Small with { Constraints = ["disk==ssd"] }, 2);
        (await SimulateAsync(world, request)).Value.Totals.Refused.ShouldBe(2);

        var view = (await SimulateAsync(world, request with
        {
            Changes = new SimulatedChanges
            {
                Nodes = [new SimulatedNodeChange { Node = "n1", State = "down", Labels = Ssd }, new SimulatedNodeChange { Node = "n2", Labels = Ssd }],
                RemoveNodes = ["n3"],
            },
        })).Value;

        view.Placements.ShouldAllBe(placement => placement.Placement.Node == "n2");
        view.Nodes.Select(node => (node.Node, node.Change, node.State)).ShouldBe([("n1", "changed", "Down"), ("n2", "changed", "Ready"), ("n3", "removed", "Ready")]);
        view.Nodes[2].After.ShouldBeNull();
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_copies_have_names_of_their_own()
    {
        await using var world = await ThreeNodesAsync();
        await world.CreateAsync(Small with { Name = "web" });
        await world.CreateAsync(Small with { Name = "web-2" });

        var one = (await SimulateAsync(world, Asks(Small with { Name = "web" }, 1))).Value;
        var three = (await SimulateAsync(world, Asks(Small with { Name = "web" }, 3))).Value;

        one.Placements.Single().Placement.Summary.ShouldBe("The name web is taken.");
        three.Placements.Select(placement => (placement.Name, placement.Placement.Node is not null)).ShouldBe([("web-1", true), ("web-2", false), ("web-3", true)]);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_with_its_path()
    {
        await using var world = await ThreeNodesAsync();
        var request = new SimulationRequest
        {
            Requests = [new SimulatedCreate { Request = new ContainerCreateRequest { Image = "UPPER" }, Count = 0 }, new SimulatedCreate()],
            Changes = new SimulatedChanges
            {
                Nodes = [new SimulatedNodeChange { Node = "nope", Availability = "off", State = "up" }, new SimulatedNodeChange { Node = "n1" }, new SimulatedNodeChange { Node = "n1" }],
                AddNodes = [new SimulatedNodeAddition(), new SimulatedNodeAddition { Like = "n9", Cpus = 1, Count = 2000, Name = "no name" }],
                RemoveNodes = ["gone"],
            },
        };

        var fields = (await SimulateAsync(world, request)).Error.ShouldBeOfType<InvalidError>().Fields.Select(error => error.Field).ToHashSet();

        fields.ShouldBe(
            [
                "requests[0].request.image", "requests[0].count", "requests[1].request", "changes.nodes[0].node", "changes.nodes[0].availability", "changes.nodes[0].state",
                "changes.nodes[2].node", "changes.addNodes[0].cpus", "changes.addNodes[0].memoryBytes", "changes.addNodes[1].like", "changes.addNodes[1].cpus",
                "changes.addNodes[1].count", "changes.addNodes[1].name", "changes.removeNodes[0]",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Bounds_are_refused()
    {
        await using var world = await ThreeNodesAsync();

        (await SimulateAsync(world, new SimulationRequest())).Error.ShouldBeOfType<InvalidError>();
        (await SimulateAsync(world, new SimulationRequest { Requests = [new SimulatedCreate { Request = Small, Count = 600 }, new SimulatedCreate { Request = Small, Count = 600 }] }))
            .Error.ShouldBeOfType<InvalidError>().Message.ShouldContain("1200");
        (await SimulateAsync(world, Asks(Small, 30) with { Explain = true })).Error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe("explain");
    }

    [Fact]
    public async Task Strangers_are_refused_and_it_is_audited()
    {
        await using var world = await ThreeNodesAsync();

        (await Simulation(world).RunAsync(ContainerWorld.Stranger, Asks(Small, 1), default)).Error.ShouldBeOfType<ForbiddenError>();

        (await world.AuditAsync()).Single().Result.ShouldBe("refused");
    }

    [Fact]
    public async Task A_thousand_placements_on_a_thousand_nodes_take_well_under_a_second_and_can_be_cancelled()
    {
        await using var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        for (var i = 0; i < 1000; i++)
        {
            world.AddNode($"n{i:000}");
        }

        await SimulateAsync(world, Asks(Small, 10));
        var watch = Stopwatch.StartNew();
        var view = (await SimulateAsync(world, Asks(Small, 1000))).Value;
        watch.Stop();

        view.Totals.Placed.ShouldBe(1000);
        view.Nodes.ShouldAllBe(node => node.After!.Containers == 1);
        // Generous: a bound for slow machines, not a figure.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3));
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => Simulation(world).RunAsync(ContainerWorld.Admin, Asks(Small, 1000), gone.Token));
    }

    private static Dictionary<string, string?> Ssd => new() { ["disk"] = "ssd" };

    private static async Task<ContainerWorld> ThreeNodesAsync()
    {
        var world = await ContainerWorld.CreateAsync(DatabaseKind.Sqlite);
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            world.AddNode(node);
        }

        return world;
    }

    private static PlacementSimulation Simulation(ContainerWorld world) => new(world.Gate, world.Authorizer, world.State, world.Admission, world.Database);

    private static Task<Result<SimulationView>> SimulateAsync(ContainerWorld world, SimulationRequest request) => Simulation(world).RunAsync(ContainerWorld.Admin, request, default);

    private static SimulationRequest Asks(ContainerCreateRequest request, int count) => new() { Requests = [new SimulatedCreate { Request = request, Count = count }] };

    private static SimulationRequest Changes(SimulatedNodeChange change) => new() { Changes = new SimulatedChanges { Nodes = [change] } };

    private static Contracts.Agents.ContainerReport Foreign(string name) => new()
    {
        EngineId = "f1", Name = name, Image = "busybox", ImageId = "sha256:1", Command = "sh", CreatedAt = DateTime.UnixEpoch.AddDays(20000), State = "running",
    };

    /// <summary>What the real index says.</summary>
    private static NodeLoads Live(ContainerWorld world) => world.State.Write(writer =>
    {
        var loads = new NodeLoads();
        for (var slot = 0; slot < writer.Placement.View.SlotCount; slot++)
        {
            if (writer.Placement.View.TryGetNode(slot, out var node))
            {
                loads.Add((node.Name, node.Usage.ContainerCount, node.Usage.ReservedMemoryBytes, writer.Placement.ReservationCount));
            }
        }

        return loads;
    });
}
