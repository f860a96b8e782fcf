using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class AffinityFilterTests
{
    private static readonly TestNode Node = Make.Node(1)
        .With(images: ["sha256:aa", "nginx:1.27", "nginx"])
        .Holding(
            Make.Container("db", "tier=db,zone=a"),
            Make.Container("web,front/web", "tier=web"),
            Make.Container("plain"),
            new ContainerFacts { Id = "reserved", Names = [] });

    private static readonly TestNode Empty = Make.Node(2);

    [Theory]
    [InlineData("container==db", null)]
    [InlineData("container==id-db", null)]
    [InlineData("container==engine-db", null)]
    [InlineData("container==reserved", null)]
    [InlineData("container==web", null)]
    [InlineData("container==front/web", "needs a container `front/web`, has none")]
    [InlineData("container==d", "needs a container `d`, has none")]
    [InlineData("container==DB", "needs a container `DB`, has none")]
    [InlineData("container==cache", "needs a container `cache`, has none")]
    [InlineData("container==d*", null)]
    [InlineData("container==engine-p*", null)]
    [InlineData("container==front*", "needs a container `front*`, has none")]
    [InlineData("container==/^(db|cache)$/", null)]
    [InlineData("container==/^cache/", "needs a container `/^cache/`, has none")]
    [InlineData("container!=db", "must not have a container `db`, has one")]
    [InlineData("container!=engine-web", "must not have a container `engine-web`, has one")]
    [InlineData("container!=front/web", null)]
    [InlineData("container!=cache", null)]
    [InlineData("container!=w*", "must not have a container `w*`, has one")]
    [InlineData("container!=/x$/", null)]
    public void A_container_is_near_by_its_own_name_or_a_full_id(string affinity, string? text) => Check(new AffinityFilter(), Near(affinity), Node, text);

    [Theory]
    [InlineData("image==nginx", null)]
    [InlineData("image==nginx:1.27", null)]
    [InlineData("image==sha256:aa", null)]
    [InlineData("image==nginx:1.28", "needs an image `nginx:1.28`, has none")]
    [InlineData("image==ngin", "needs an image `ngin`, has none")]
    [InlineData("image==nginx*", null)]
    [InlineData("image==*:1.27", null)]
    [InlineData("image==busybox*", "needs an image `busybox*`, has none")]
    [InlineData("image==/^sha256:a+$/", null)]
    [InlineData("image!=nginx", "must not have an image `nginx`, has one")]
    [InlineData("image!=busybox", null)]
    [InlineData("image!=n*", "must not have an image `n*`, has one")]
    [InlineData("image!=b*", null)]
    public void An_image_is_near_by_its_id_tag_or_repository(string affinity, string? text) => Check(new AffinityFilter(), Near(affinity), Node, text);

    [Theory]
    [InlineData("tier==web", null)]
    [InlineData("tier==cache", "needs a container with `tier=cache`, has none")]
    [InlineData("tier==we", "needs a container with `tier=we`, has none")]
    [InlineData("tier==w*", null)]
    [InlineData("tier==/^(web|cache)$/", null)]
    [InlineData("rack==r1", "needs a container with `rack=r1`, has none")]
    [InlineData("tier!=web", "must not have a container with `tier=web`, has one")]
    [InlineData("tier!=cache", null)]
    [InlineData("tier!=/^d/", "must not have a container with `tier=/^d/`, has one")]
    [InlineData("Tier==web", "needs a container with `Tier=web`, has none")]
    [InlineData("name==db", "needs a container with `name=db`, has none")]
    public void A_label_is_near_when_some_container_has_the_value(string affinity, string? text) => Check(new AffinityFilter(), Near(affinity), Node, text);

    [Theory]
    [InlineData("rack==*", null)]
    [InlineData("rack!=*", "must not have a container with `rack=*`, has one")]
    [InlineData("rack==/^$/", null)]
    public void A_container_without_the_label_has_an_empty_value(string affinity, string? text) => Check(new AffinityFilter(), Near(affinity), Node, text);

    [Theory]
    [InlineData("container==*", "needs a container `*`, has none")]
    [InlineData("container!=*", null)]
    [InlineData("image==*", "needs an image `*`, has none")]
    [InlineData("image!=*", null)]
    [InlineData("rack==*", "needs a container with `rack=*`, has none")]
    [InlineData("rack!=*", null)]
    public void On_an_empty_node_nothing_is_near(string affinity, string? text) => Check(new AffinityFilter(), Near(affinity), Empty, text);

    [Theory]
    [InlineData("tier==~cache", "needs a container with `tier=cache`, has none")]
    [InlineData("tier!=~web", "must not have a container with `tier=web`, has one")]
    public void Soft_affinities_count_until_they_are_given_up(string affinity, string text) => Check(new AffinityFilter(), Near(affinity), Node, text);

    [Fact]
    public void Every_affinity_that_does_not_hold_is_named() => Check(
        new AffinityFilter(),
        Near("tier==cache", "container==db", "image!=nginx"),
        Node,
        "needs a container with `tier=cache`, has none; must not have an image `nginx`, has one");

    [Fact]
    public void The_first_container_that_matches_is_enough_whatever_comes_after() =>
        Check(new AffinityFilter(), Near("tier==d*"), Make.Node(1).Holding(Make.Container("a", "tier=db"), Make.Container("b", "tier=web")), null);

    [Fact]
    public void Without_affinities_there_is_nothing_to_check() => new AffinityFilter().For(new PlacementRequest()).ShouldBeNull();

    [Theory]
    [InlineData("tier==cache", "1 is without a container with tier=cache", "3 are without a container with tier=cache")]
    [InlineData("tier!=web", "1 has a container with tier=web", "3 have a container with tier=web")]
    [InlineData("container==cache", "1 is without a container cache", "3 are without a container cache")]
    [InlineData("container!=db", "1 has a container db", "3 have a container db")]
    [InlineData("image==busybox", "1 is without an image busybox", "3 are without an image busybox")]
    [InlineData("image!=nginx", "1 has an image nginx", "3 have an image nginx")]
    public void Nodes_where_it_does_not_hold_are_counted_in_words(string affinity, string one, string several) =>
        Summary(new AffinityFilter(), Near(affinity, "image==none"), Node, one, several);

    [Theory]
    [InlineData("container==db", TermKind.Container, "", "db", new[] { 0, 2 })]
    [InlineData("container!=db", TermKind.Container, "", "db", new[] { 1 })]
    [InlineData("image==nginx", TermKind.Image, "", "nginx", new[] { 0 })]
    [InlineData("image!=~nginx", TermKind.Image, "", "nginx", new[] { 1, 2 })]
    [InlineData("tier==web", TermKind.ContainerLabel, "tier", "web", new[] { 0 })]
    [InlineData("tier!=web", TermKind.ContainerLabel, "tier", "web", new[] { 1, 2 })]
    [InlineData("tier==none", TermKind.ContainerLabel, "tier", "none", new int[0])]
    public void An_index_answers_plain_values(string affinity, TermKind kind, string key, string value, int[] left)
    {
        var cluster = Indexed();

        Narrowed(new AffinityFilter(), Near(affinity), cluster).ShouldBe(left);
        cluster.Asked.ShouldBe([new Term(kind, key, value)]);
    }

    [Theory]
    [InlineData("container==d*")]
    [InlineData("image!=/nginx/")]
    [InlineData("tier==w.b")]
    [InlineData("container==front/web")]
    [InlineData("container!=front/web")]
    public void An_index_is_not_asked_what_it_cannot_know(string affinity)
    {
        var cluster = Indexed();

        Narrowed(new AffinityFilter(), Near(affinity), cluster).ShouldBeNull();
        Narrowed(new AffinityFilter(), Near("tier==web", affinity), cluster).ShouldBeNull();
        cluster.Asked.ShouldBeEmpty();
    }

    [Fact]
    public void Names_with_a_slash_are_asked_where_they_are_no_container_names()
    {
        var cluster = Indexed();

        Narrowed(new AffinityFilter(), Near("image!=library/nginx", "tier!=a/b"), cluster).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void An_index_answers_all_of_several() =>
        Narrowed(new AffinityFilter(), Near("container==db", "tier!=web"), Indexed()).ShouldBe([2]);

    [Theory]
    [InlineData(TermKind.Container)]
    [InlineData(TermKind.Image)]
    [InlineData(TermKind.ContainerLabel)]
    public void When_an_index_has_no_answer_for_one_of_several_nothing_is_taken_out(TermKind unknown) =>
        Narrowed(new AffinityFilter(), Near("container==db", "image==nginx", "tier!=db"), Indexed(term => term.Kind != unknown)).ShouldBeNull();

    [Theory]
    [InlineData("tier==/(a|aa)+b$/")]
    [InlineData("tier!=/(a|aa)+b$/")]
    public void A_value_of_megabytes_holds_for_neither_operator_of_a_pattern(string affinity)
    {
        var label = new Dictionary<string, string>(StringComparer.Ordinal) { ["tier"] = new string('a', 6_000_000) };
        var node = Make.Node(1).Holding(new ContainerFacts { Id = "x", Names = ["x"], Labels = label });

        new AffinityFilter().For(Near(affinity))!.Passes(node.View).ShouldBeFalse();
        new AffinityFilter().For(Near(affinity))!.Explain(node.View).ShouldNotBeNull();
    }

    [Fact]
    public void Eight_that_keep_apart_find_three_nodes_as_in_classic_swarm()
    {
        var cluster = new TestCluster(Make.Node(1), Make.Node(2), Make.Node(3));
        var request = Near("tier!=x") with { Labels = Make.Container("x", "tier=x").Labels };

        var placed = Enumerable.Range(0, 8).Select(i => request with { Seed = (ulong)i }).Select(one => (One: one, Decision: Placement.Standard.Decide(one, cluster)))
            .Count(made =>
            {
                if (made.Decision is Placed fit)
                {
                    cluster.Run(made.One, fit.Node);
                }

                return made.Decision is Placed;
            });

        placed.ShouldBe(3);
        cluster.Slots.ShouldAllBe(node => node!.Usage.ContainerCount == 1);
    }

    private static PlacementRequest Near(params string[] affinities) => new() { Affinities = Make.Affinities(affinities) };

    private static IndexedCluster Indexed(Func<Term, bool>? answers = null) =>
        new(new TestCluster(Node, Empty, Make.Node(3).Holding(Make.Container("db"))), answers);
}
