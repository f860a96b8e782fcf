using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Tests.Placement;

public sealed class PlacementIndexTests
{
    private const long GiB = 1L << 30;

    private static readonly NodeId One = new("id-1");

    private static readonly NodeId Two = new("id-2");

    private readonly PlacementIndex _index = new();

    public PlacementIndexTests()
    {
        _index.UpsertNode(Node(1));
        _index.UpsertNode(Node(2));
    }

    [Fact]
    public void A_reservation_counts_for_memory_ports_count_and_name()
    {
        var request = new PlacementRequest { MemoryBytes = 5 * GiB, HostPorts = [HostPort.OnAnyAddress(80)] };

        var first = Reserve("a", "web-1", request);
        var second = Reserve("b", "web-2", request);

        second.Node.ShouldNotBe(first.Node);
        _index.ReservationCount.ShouldBe(2);
        _index.FindByName("web-1").ShouldBe("a");
        _index.DecideAndReserve("c", "web-3", request).ShouldBeOfType<ReserveResult.Unplaceable>()
            .Decision.Text.ShouldBe("0 of 2 nodes fit: 2 lack memory");
        _index.DecideAndReserve("c", "web-3", request with { MemoryBytes = 0 }).ShouldBeOfType<ReserveResult.Unplaceable>()
            .Decision.Text.ShouldBe("0 of 2 nodes fit: 2 have port 80/tcp taken");
        _index.DecideAndReserve("c", "web-1", new PlacementRequest()).ShouldBe(new ReserveResult.NameTaken("a"));
        _index.ReservationCount.ShouldBe(2);
        _index.FindByName("web-3").ShouldBeNull();
    }

    [Fact]
    public void Putting_the_container_ends_its_reservation_and_counts_it_once()
    {
        var placed = Reserve("a", "web", new PlacementRequest { MemoryBytes = 5 * GiB });

        _index.Put("a", Load(placed.Node, 5 * GiB, "/web"));

        _index.ReservationCount.ShouldBe(0);
        Usage(placed.Node).ReservedMemoryBytes.ShouldBe(5 * GiB);
        Usage(placed.Node).ContainerCount.ShouldBe(1);
        _index.FindByName("web").ShouldBe("a");
    }

    [Fact]
    public void Releasing_gives_everything_back()
    {
        var request = new PlacementRequest { MemoryBytes = 8 * GiB, HostPorts = [HostPort.OnAnyAddress(80)] };
        var node = Reserve("a", "web", request).Node;

        _index.Release("a");
        _index.Release("a");

        _index.ReservationCount.ShouldBe(0);
        _index.FindByName("web").ShouldBeNull();
        Usage(node).ContainerCount.ShouldBe(0);
        Usage(node).IsTaken(HostPort.OnAnyAddress(80)).ShouldBeFalse();
        Reserve("b", "web", request);
    }

    [Fact]
    public void A_second_reservation_under_one_key_is_a_bug()
    {
        Reserve("a", "web", new PlacementRequest());

        Should.Throw<InvalidOperationException>(() => _index.DecideAndReserve("a", "web", new PlacementRequest()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-web")]
    [InlineData("/web")]
    [InlineData("we b")]
    [InlineData("web\n")]
    public void A_name_against_the_engines_rule_is_a_bug(string name)
    {
        ContainerName.IsValid(name).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => _index.DecideAndReserve("a", name, new PlacementRequest()));
        Should.Throw<ArgumentException>(() => _index.TryReserveName("a", name));
    }

    [Fact]
    public void A_container_placed_anew_keeps_its_name_while_its_old_copy_is_known()
    {
        _index.Put("a", Load(One, GiB, "web"));
        _index.UpsertNode(Node(1) with { State = NodeState.Down });

        Reserve("a", "web", new PlacementRequest { MemoryBytes = GiB }).Node.ShouldBe(Two);
        _index.Remove("a");

        _index.ReservationCount.ShouldBe(1);
        _index.FindByName("web").ShouldBe("a");
        Usage(Two).ReservedMemoryBytes.ShouldBe(GiB);
        Usage(One).ReservedMemoryBytes.ShouldBe(0);
    }

    [Fact]
    public void A_name_on_a_dead_or_removed_node_stays_taken_until_the_container_is_removed()
    {
        _index.Put("a", Load(One, GiB, "web"));
        _index.UpsertNode(Node(1) with { State = NodeState.Down });
        _index.DecideAndReserve("b", "web", new PlacementRequest()).ShouldBe(new ReserveResult.NameTaken("a"));

        _index.RemoveNode(One);
        _index.DecideAndReserve("b", "web", new PlacementRequest()).ShouldBe(new ReserveResult.NameTaken("a"));

        _index.Remove("a");
        Reserve("b", "web", new PlacementRequest()).Node.ShouldBe(Two);
    }

    [Fact]
    public void What_is_known_of_a_node_counts_when_it_registers_later()
    {
        _index.Put("a", Load(new NodeId("id-3"), 7 * GiB, "web"));

        _index.UpsertNode(Node(3));

        Usage(new NodeId("id-3")).ReservedMemoryBytes.ShouldBe(7 * GiB);
        Reserve("b", "big", new PlacementRequest { MemoryBytes = 2 * GiB }).Node.ShouldNotBe(new NodeId("id-3"));
    }

    [Fact]
    public void A_removed_node_is_out_of_every_decision()
    {
        _index.RemoveNode(One);
        _index.RemoveNode(One);

        _index.View.NodeCount.ShouldBe(1);
        _index.Explain(new PlacementRequest()).Nodes.Select(node => node.Node).ShouldBe([Two]);
        for (var i = 0; i < 5; i++)
        {
            Reserve($"key-{i}", $"name-{i}", new PlacementRequest { Seed = (ulong)i }).Node.ShouldBe(Two);
        }
    }

    [Fact]
    public void A_name_that_two_engines_bring_stays_taken_until_both_are_gone()
    {
        _index.Put("engine:1", Load(One, 0, "web"));
        _index.Put("engine:2", Load(Two, 0, "web"));
        _index.FindByName("/web").ShouldBe("engine:1");

        _index.Put("engine:1", Load(One, GiB, "web"));
        _index.FindByName("web").ShouldBe("engine:1");

        _index.Remove("engine:1");
        _index.DecideAndReserve("a", "web", new PlacementRequest()).ShouldBe(new ReserveResult.NameTaken("engine:2"));

        _index.Remove("engine:2");
        _index.FindByName("web").ShouldBeNull();
    }

    [Fact]
    public void A_rename_holds_both_names_until_the_new_one_is_seen()
    {
        _index.Put("a", Load(One, 0, "old"));

        _index.TryReserveName("a", "new").ShouldBeTrue();
        _index.TryReserveName("a", "new").ShouldBeTrue();
        _index.TryReserveName("b", "new").ShouldBeFalse();
        _index.TryReserveName("b", "old").ShouldBeFalse();

        _index.Put("a", Load(One, GiB, "old"));
        _index.FindByName("new").ShouldBe("a");

        _index.Put("a", Load(One, GiB, "new"));
        _index.FindByName("old").ShouldBeNull();
        _index.Release("a");
        _index.FindByName("new").ShouldBe("a");
        _index.Remove("a");
        _index.FindByName("new").ShouldBeNull();
    }

    [Fact]
    public void A_rename_given_up_leaves_the_old_name()
    {
        _index.Put("a", Load(One, 0, "old"));
        _index.TryReserveName("a", "new").ShouldBeTrue();

        _index.Release("a");

        _index.FindByName("new").ShouldBeNull();
        _index.FindByName("old").ShouldBe("a");
    }

    [Fact]
    public void Absurd_figures_from_an_engine_do_not_look_like_free_memory()
    {
        for (var i = 0; i < 20; i++)
        {
            _index.Put($"engine:{i}", new ContainerLoad(One, [], long.MaxValue, long.MaxValue, []));
        }

        Reserve("a", "web", new PlacementRequest { MemoryBytes = GiB }).Node.ShouldBe(Two);
        for (var i = 0; i < 20; i++)
        {
            _index.Remove($"engine:{i}");
        }

        Usage(One).ReservedMemoryBytes.ShouldBe(0);
    }

    [Fact]
    public void Two_thousand_containers_over_a_hundred_nodes_end_in_twenty_each()
    {
        var index = new PlacementIndex();
        for (var i = 0; i < 100; i++)
        {
            index.UpsertNode(Node(i));
        }

        for (var i = 0; i < 2000; i++)
        {
            index.DecideAndReserve($"key-{i}", $"name-{i}", new PlacementRequest { Seed = (ulong)i }).ShouldBeOfType<ReserveResult.Reserved>();
        }

        Enumerable.Range(0, index.View.SlotCount)
            .All(slot => index.View.TryGetNode(slot, out var node) && node.Usage.ContainerCount == 20)
            .ShouldBeTrue();
    }

    private static NodeFacts Node(int number) => new()
    {
        Id = new NodeId($"id-{number}"),
        Name = $"node-{number}",
        State = NodeState.Ready,
        Capacity = new NodeCapacity(8 * GiB, 4_000_000_000, 0),
    };

    private static ContainerLoad Load(NodeId node, long memory, params string[] names) => new(node, names, memory, 0, []);

    private Placed Reserve(string key, string name, PlacementRequest request) =>
        _index.DecideAndReserve(key, name, request).ShouldBeOfType<ReserveResult.Reserved>().Decision;

    private INodeUsage Usage(NodeId id) => Enumerable.Range(0, _index.View.SlotCount)
        .Select(slot => _index.View.TryGetNode(slot, out var node) && node.Id == id ? node.Usage : null)
        .First(usage => usage is not null)!;
}
