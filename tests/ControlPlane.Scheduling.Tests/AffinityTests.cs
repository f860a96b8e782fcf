namespace ControlPlane.Scheduling.Tests;

public sealed class AffinityTests
{
    [Theory]
    [InlineData("container==db", AffinityKind.Container, "container", "db", false, false, true)]
    [InlineData("container!=db", AffinityKind.Container, "container", "db", true, false, true)]
    [InlineData("image==~nginx", AffinityKind.Image, "image", "nginx", false, true, true)]
    [InlineData("tier!=~web", AffinityKind.Label, "tier", "web", true, true, true)]
    [InlineData("com.example.tier==web*", AffinityKind.Label, "com.example.tier", "web*", false, false, false)]
    [InlineData("tier==/^w/", AffinityKind.Label, "tier", "/^w/", false, false, false)]
    [InlineData("Container==db", AffinityKind.Label, "Container", "db", false, false, true)]
    [InlineData("containers==db", AffinityKind.Label, "containers", "db", false, false, true)]
    public void An_affinity_is_read_and_written_back(
        string text, AffinityKind kind, string key, string value, bool isNegated, bool isSoft, bool isExact)
    {
        var affinity = Make.Affinities(text)[0];

        affinity.Kind.ShouldBe(kind);
        affinity.Key.ShouldBe(key);
        affinity.Value.ShouldBe(value);
        affinity.IsNegated.ShouldBe(isNegated);
        affinity.IsSoft.ShouldBe(isSoft);
        affinity.IsExact.ShouldBe(isExact);
        affinity.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("container=db", "affinity 'container=db': one of the operators == and != is expected")]
    [InlineData("container", "affinity 'container': one of the operators == and != is expected")]
    [InlineData("container==", "affinity 'container==': the value is empty")]
    [InlineData("container!=~", "affinity 'container!=~': the value is empty")]
    [InlineData("c==x", "affinity 'c==x': the key 'c' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("tier==a;b", "affinity 'tier==a;b': the value 'a;b' contains ';', which is not allowed")]
    [InlineData("tier==/[/", "affinity 'tier==/[/': the value '/[/' is not a valid pattern")]
    public void What_cannot_be_read_is_a_value_with_a_clear_text(string expression, string text) =>
        Affinity.Parse(expression).ShouldBe(new AffinityParse.Invalid(text));

    [Fact]
    public void No_text_at_all_is_a_bug_of_the_caller()
    {
        Should.Throw<ArgumentNullException>(() => Affinity.Parse(null!));
        Should.Throw<ArgumentNullException>(() => Constraint.Parse(null!));
    }

    [Fact]
    public void Soft_affinities_are_taken_out_with_soft_constraints()
    {
        var request = new PlacementRequest { Constraints = Make.Constraints("zone==a", "disk==~ssd"), Affinities = Make.Affinities("tier==~web", "image==nginx") };

        request.HasSoft.ShouldBeTrue();
        request.WithoutSoft().HasSoft.ShouldBeFalse();
        request.WithoutSoft().Constraints.Select(constraint => constraint.Key).ShouldBe(["zone"]);
        request.WithoutSoft().Affinities.Select(affinity => affinity.Key).ShouldBe(["image"]);
    }

    [Theory]
    [InlineData("zone==a", "tier==web", false)]
    [InlineData("zone==~a", "tier==web", true)]
    [InlineData("zone==a", "tier==~web", true)]
    [InlineData("zone!=~a", "tier!=~web", true)]
    public void A_request_knows_whether_something_may_be_given_up(string constraint, string affinity, bool hasSoft) =>
        new PlacementRequest { Constraints = Make.Constraints(constraint), Affinities = Make.Affinities(affinity) }.HasSoft.ShouldBe(hasSoft);

    [Fact]
    public void One_soft_condition_among_hard_ones_is_enough()
    {
        new PlacementRequest { Constraints = Make.Constraints("zone==a", "disk==~ssd") }.HasSoft.ShouldBeTrue();
        new PlacementRequest { Affinities = Make.Affinities("tier!=~web", "image==nginx") }.HasSoft.ShouldBeTrue();
        new PlacementRequest().HasSoft.ShouldBeFalse();
    }
}
