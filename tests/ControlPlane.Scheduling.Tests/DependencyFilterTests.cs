using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class DependencyFilterTests
{
    private static readonly TestNode Node = Make.Node(1)
        .With(networks: ["front", "net-id"], volumes: ["data"])
        .Holding(Make.Container("db"), Make.Container("web,front/web"), new ContainerFacts { Id = "bare", Names = [] });

    [Theory]
    [InlineData(DependencyKind.Link, "db", null)]
    [InlineData(DependencyKind.VolumesFrom, "db", null)]
    [InlineData(DependencyKind.Namespace, "db", null)]
    [InlineData(DependencyKind.Link, "id-db", null)]
    [InlineData(DependencyKind.Link, "engine-db", null)]
    [InlineData(DependencyKind.Link, "web", null)]
    [InlineData(DependencyKind.Link, "front/web", null)]
    [InlineData(DependencyKind.Link, "bare", null)]
    [InlineData(DependencyKind.Link, "d", "container d is not on this node")]
    [InlineData(DependencyKind.Link, "DB", "container DB is not on this node")]
    [InlineData(DependencyKind.VolumesFrom, "cache", "container cache is not on this node")]
    [InlineData(DependencyKind.Namespace, "front", "container front is not on this node")]
    [InlineData(DependencyKind.Network, "front", null)]
    [InlineData(DependencyKind.Network, "net-id", null)]
    [InlineData(DependencyKind.Network, "back", "network back is not on this node")]
    [InlineData(DependencyKind.Network, "db", "network db is not on this node")]
    [InlineData(DependencyKind.Network, "data", "network data is not on this node")]
    [InlineData(DependencyKind.Volume, "data", null)]
    [InlineData(DependencyKind.Volume, "logs", "volume logs is not on this node")]
    [InlineData(DependencyKind.Volume, "front", "volume front is not on this node")]
    public void A_node_has_to_hold_what_the_container_leans_on(DependencyKind kind, string name, string? text) =>
        Check(new DependencyFilter(), On((kind, name)), Node, text);

    [Fact]
    public void Everything_has_to_be_on_the_same_node()
    {
        var request = On((DependencyKind.Link, "db"), (DependencyKind.Volume, "data"), (DependencyKind.Network, "front"));

        Check(new DependencyFilter(), request, Node, null);
        Check(
            new DependencyFilter(),
            request,
            Make.Node(2).With(volumes: ["data"]),
            "container db is not on this node; network front is not on this node");
    }

    [Fact]
    public void What_is_needed_for_two_reasons_is_named_once() => Check(
        new DependencyFilter(),
        On((DependencyKind.Link, "x"), (DependencyKind.VolumesFrom, "x"), (DependencyKind.Link, "x")),
        Node,
        "container x is not on this node");

    [Fact]
    public void Without_dependencies_there_is_nothing_to_check() => new DependencyFilter().For(new PlacementRequest()).ShouldBeNull();

    [Theory]
    [InlineData(DependencyKind.Link, "1 is without container x", "3 are without container x")]
    [InlineData(DependencyKind.Network, "1 is without network x", "3 are without network x")]
    [InlineData(DependencyKind.Volume, "1 is without volume x", "3 are without volume x")]
    public void Nodes_without_it_are_counted_in_words(DependencyKind kind, string one, string several) =>
        Summary(new DependencyFilter(), On((kind, "x"), (DependencyKind.Volume, "y")), Node, one, several);

    [Theory]
    [InlineData(DependencyKind.Link, "db", TermKind.Container, new[] { 0, 2 })]
    [InlineData(DependencyKind.VolumesFrom, "id-db", TermKind.Container, new[] { 0, 2 })]
    [InlineData(DependencyKind.Namespace, "front/web", TermKind.Container, new[] { 0 })]
    [InlineData(DependencyKind.Network, "front", TermKind.Network, new[] { 0, 1 })]
    [InlineData(DependencyKind.Volume, "data", TermKind.Volume, new[] { 0 })]
    [InlineData(DependencyKind.Volume, "none", TermKind.Volume, new int[0])]
    public void An_index_answers(DependencyKind kind, string name, TermKind term, int[] left)
    {
        var cluster = Indexed();

        Narrowed(new DependencyFilter(), On((kind, name)), cluster).ShouldBe(left);
        cluster.Asked.ShouldBe([new Term(term, "", name)]);
    }

    [Fact]
    public void An_index_answers_all_of_several() =>
        Narrowed(new DependencyFilter(), On((DependencyKind.Link, "db"), (DependencyKind.Network, "front")), Indexed()).ShouldBe([0]);

    [Theory]
    [InlineData(TermKind.Container)]
    [InlineData(TermKind.Network)]
    [InlineData(TermKind.Volume)]
    public void When_an_index_has_no_answer_for_one_of_several_nothing_is_taken_out(TermKind unknown) => Narrowed(
        new DependencyFilter(),
        On((DependencyKind.Link, "db"), (DependencyKind.Network, "front"), (DependencyKind.Volume, "data")),
        Indexed(term => term.Kind != unknown)).ShouldBeNull();

    [Fact]
    public void A_linked_container_decides_the_node()
    {
        var cluster = new TestCluster(Make.Node(2), Node, Make.Node(3));

        Placement.Standard.Decide(On((DependencyKind.Link, "db")), cluster).ShouldBeOfType<Placed>().Why
            .ShouldBe("node-1 won: it is the only node that fits");
    }

    private static PlacementRequest On(params (DependencyKind Kind, string Name)[] dependencies) =>
        new() { Dependencies = [.. dependencies.Select(dependency => new Dependency(dependency.Kind, dependency.Name))] };

    private static IndexedCluster Indexed(Func<Term, bool>? answers = null) => new(
        new TestCluster(Node, Make.Node(2).With(networks: ["front"]), Make.Node(3).Holding(Make.Container("db"))), answers);
}
