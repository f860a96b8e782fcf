using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class FilterTests
{
    [Theory]
    [InlineData(NodeState.Ready, null)]
    [InlineData(NodeState.Unknown, "state is Unknown")]
    [InlineData(NodeState.EngineDown, "state is EngineDown")]
    [InlineData(NodeState.Down, "state is Down")]
    public void Only_ready_nodes_take_containers(NodeState state, string? text) =>
        Check(new HealthFilter(), new PlacementRequest(), Make.Node(1, state: state), text);

    [Theory]
    [InlineData(NodeAvailability.Active, null)]
    [InlineData(NodeAvailability.Pause, "node is paused")]
    [InlineData(NodeAvailability.Drain, "node is draining")]
    public void Paused_and_draining_nodes_take_nothing_new(NodeAvailability availability, string? text) =>
        Check(new AvailabilityFilter(), new PlacementRequest(), Make.Node(1, availability: availability), text);

    [Fact]
    public void Only_allowed_nodes_are_considered()
    {
        var request = new PlacementRequest { AllowedNodes = new HashSet<NodeId> { new("id-1") } };

        Check(new AllowedNodesFilter(), request, Make.Node(1), null);
        Check(new AllowedNodesFilter(), request, Make.Node(2), "you may not schedule on this node");
    }

    [Theory]
    [InlineData(2, 0, 16, 0, 14.8, 0, "2 GiB asked, 1.2 GiB free of 16 GiB")]
    [InlineData(2, 0, 16, 0, 14, 0, null)]
    [InlineData(16, 0, 16, 0, 0, 0, null)]
    [InlineData(16.5, 0, 16, 5, 0, 0, null)]
    [InlineData(17, 0, 16, 5, 0, 0, "17 GiB asked, 16.7 GiB free of 16 GiB (+5 % overcommit)")]
    [InlineData(0.5, 0, 16, 0, 20, 0, "512 MiB asked, 0 B free of 16 GiB")]
    [InlineData(0, 2, 16, 0, 0, 2.5, "2 CPUs asked, 1.5 free of 4")]
    [InlineData(0, 1.5, 16, 0, 0, 2.5, null)]
    [InlineData(0, 0.25, 16, 0, 0, 4, "0.25 CPUs asked, 0 free of 4")]
    [InlineData(32, 8, 16, 0, 1, 1, "32 GiB asked, 15 GiB free of 16 GiB; 8 CPUs asked, 3 free of 4")]
    [InlineData(0, 1, 16, 0, 40, 0, null)]
    public void Reservations_stay_within_capacity_and_overcommit(
        double memory, double cpus, double capacity, int overcommit, double reserved, double reservedCpus, string? text) =>
        Check(
            new ResourcesFilter(),
            new PlacementRequest { MemoryBytes = (long)(memory * Make.GiB), NanoCpus = (long)(cpus * Make.Cpu) },
            Make.Node(1, memory: capacity, overcommit: overcommit, reserved: reserved, reservedCpus: reservedCpus),
            text);

    [Fact]
    public void A_refusal_for_one_byte_does_not_read_as_enough() =>
        Check(
            new ResourcesFilter(),
            new PlacementRequest { MemoryBytes = (2 * Make.GiB) + 1 },
            Make.Node(1, memory: 2),
            "2.1 GiB asked, 2 GiB free of 2 GiB");

    [Theory]
    [InlineData("443", "443", "port 443/tcp is taken")]
    [InlineData("443", "443/udp", null)]
    [InlineData("0", "0", null)]
    [InlineData("10.0.0.1:80", "10.0.0.2:80", null)]
    [InlineData("10.0.0.1:80", "80", "port 10.0.0.1:80/tcp is taken")]
    [InlineData("80 443 53/udp", "80 443 53/udp", "ports 80/tcp, 443/tcp and 53/udp are taken")]
    [InlineData("80 443", "443", "port 443/tcp is taken")]
    [InlineData("80 80", "80", "port 80/tcp is taken")]
    public void A_host_port_is_given_out_once(string asked, string taken, string? text) =>
        Check(
            new PortFilter(),
            new PlacementRequest { HostPorts = [.. asked.Split(' ').Select(Make.Port)] },
            Make.Node(1, ports: [.. taken.Split(' ').Select(Make.Port)]),
            text);

    [Theory]
    [InlineData("disk==ssd", null, "needs `disk=ssd`, has `disk=hdd`", "1 misses label disk=ssd")]
    [InlineData("disk!=hdd", null, "needs `disk!=hdd`, has `disk=hdd`", "1 fails disk!=hdd")]
    [InlineData("rack==r1", null, "needs `rack=r1`, has no `rack`", "1 misses label rack=r1")]
    [InlineData("node==node-2", null, "needs `node=node-2`, is `node-1`", "1 is not node-2")]
    [InlineData("node!=node-1", null, "needs `node!=node-1`, is `node-1`", "1 is excluded by node!=node-1")]
    [InlineData("node.id==id-2", null, "needs `node.id=id-2`, is `id-1`", "1 is not id-2")]
    [InlineData("disk==ssd", "zone==b*", "needs `disk=ssd`, has `disk=hdd`; needs `zone=b*`, has `zone=a`", "1 misses label disk=ssd")]
    [InlineData("disk==hdd", "zone==/^b/", "needs `zone=/^b/`, has `zone=a`", "1 misses label zone=/^b/")]
    [InlineData("disk==~ssd", null, "needs `disk=ssd`, has `disk=hdd`", "1 misses label disk=ssd")]
    [InlineData("disk==hdd", "zone==a", null, null)]
    public void Every_constraint_that_is_not_met_is_named(string first, string? second, string? text, string? summary)
    {
        var request = new PlacementRequest { Constraints = Make.Constraints(second is null ? [first] : [first, second]) };
        var node = Make.Node(1, labels: "disk=hdd,zone=a");

        Check(new ConstraintFilter(), request, node, text);
        new ConstraintFilter().For(request)!.Explain(node.View)?.Summary.For(1).ShouldBe(summary);
    }

    [Theory]
    [InlineData("disk==ssd", "1 misses label disk=ssd", "3 miss label disk=ssd")]
    [InlineData("disk!=hdd", "1 fails disk!=hdd", "3 fail disk!=hdd")]
    [InlineData("node==node-2", "1 is not node-2", "3 are not node-2")]
    [InlineData("node!=node-1", "1 is excluded by node!=node-1", "3 are excluded by node!=node-1")]
    [InlineData("node.name!=/1$/", "1 is excluded by node.name!=/1$/", "3 are excluded by node.name!=/1$/")]
    public void Constraints_are_counted_in_words(string constraint, string one, string several) =>
        Summary(new ConstraintFilter(), new PlacementRequest { Constraints = Make.Constraints(constraint) }, Make.Node(1, labels: "disk=hdd"), one, several);

    [Theory]
    [InlineData("80", "1 has port 80/tcp taken", "3 have port 80/tcp taken")]
    [InlineData("80 81", "1 has ports 80/tcp and 81/tcp taken", "3 have ports 80/tcp and 81/tcp taken")]
    [InlineData("80 81 82", "1 has ports 80/tcp, 81/tcp and 82/tcp taken", "3 have ports 80/tcp, 81/tcp and 82/tcp taken")]
    public void Taken_ports_are_counted_in_words(string ports, string one, string several)
    {
        HostPort[] all = [.. ports.Split(' ').Select(Make.Port)];

        Summary(new PortFilter(), new PlacementRequest { HostPorts = all }, Make.Node(1, ports: all), one, several);
    }

    [Fact]
    public void Closed_nodes_are_counted_in_words() => Summary(
        new AllowedNodesFilter(), new PlacementRequest { AllowedNodes = new HashSet<NodeId>() }, Make.Node(1), "1 is not open to you", "3 are not open to you");

    [Theory]
    [InlineData(NodeState.Unknown, "1 is Unknown", "3 are Unknown")]
    [InlineData(NodeState.EngineDown, "1 is EngineDown", "3 are EngineDown")]
    [InlineData(NodeState.Down, "1 is Down", "3 are Down")]
    public void Nodes_in_trouble_are_counted_in_words(NodeState state, string one, string several) =>
        Summary(new HealthFilter(), new PlacementRequest(), Make.Node(1, state), one, several);

    [Theory]
    [InlineData(NodeAvailability.Pause, "1 is paused", "3 are paused")]
    [InlineData(NodeAvailability.Drain, "1 is draining", "3 are draining")]
    public void Nodes_that_take_nothing_are_counted_in_words(NodeAvailability availability, string one, string several) =>
        Summary(new AvailabilityFilter(), new PlacementRequest(), Make.Node(1, availability: availability), one, several);

    [Fact]
    public void Filters_have_nothing_to_say_about_what_is_not_asked() =>
        StandardFilters.InOrder.Where(filter => filter.For(new PlacementRequest { HostPorts = [HostPort.OnAnyAddress(0)] }) is not null)
            .Select(filter => filter.Name).ShouldBe(["health", "availability", "slots"]);

    [Fact]
    public void Filters_are_asked_cheap_first() =>
        StandardFilters.InOrder.Select(filter => filter.Name)
            .ShouldBe(
            [
                "health", "availability", "slots", "allowed-nodes", "refused", "resources", "port", "platform", "engine", "constraint", "dependency",
                "affinity",
            ]);
}
