namespace ControlPlane.Scheduling.Tests;

public sealed class ConstraintTests
{
    private static readonly TestNode Node = Make.Node(
        7, labels: "zone=eu-west,disk=ssd,ostype=forged,node=forged", facts: "ostype=linux,kernelversion=6.1.0-18-amd64");

    [Theory]
    [InlineData("zone==eu-west", true)]
    [InlineData("zone==eu", false)]
    [InlineData("zone!=eu-west", false)]
    [InlineData("zone!=us", true)]
    [InlineData("zone==eu-*", true)]
    [InlineData("zone==*west", true)]
    [InlineData("zone==e*t", true)]
    [InlineData("zone!=eu*", false)]
    [InlineData("zone==EU-WEST", false)]
    [InlineData("zone==/^eu-(west|north)$/", true)]
    [InlineData("zone==/west/", true)]
    [InlineData("zone==/north/", false)]
    [InlineData("zone!=/north/", true)]
    [InlineData("zone==(eu-west|us)", true)]
    [InlineData("zone==eu-west|us", true)]
    [InlineData("zone==us|eu", false)]
    [InlineData("missing==x", false)]
    [InlineData("missing!=x", true)]
    [InlineData("missing==*", true)]
    [InlineData("missing!=*", false)]
    [InlineData("missing==/^$/", true)]
    [InlineData("node==node-7", true)]
    [InlineData("node==id-7", true)]
    [InlineData("node==forged", false)]
    [InlineData("node!=node-7", false)]
    [InlineData("node!=id-7", false)]
    [InlineData("node==/-[67]$/", true)]
    [InlineData("node.id==id-7", true)]
    [InlineData("node.id==node-7", false)]
    [InlineData("node.name==node-7", true)]
    [InlineData("node.name==id-7", false)]
    [InlineData("ostype==linux", true)]
    [InlineData("ostype==forged", false)]
    [InlineData("kernelversion==6.1.*", true)]
    [InlineData("disk==~hdd", false)]
    [InlineData("disk==~ssd", true)]
    [InlineData("disk!=~hdd", true)]
    public void A_constraint_is_met_as_in_classic_swarm(string expression, bool isMet) =>
        Make.Constraints(expression)[0].IsMetBy(Node.View).ShouldBe(isMet);

    [Theory]
    [InlineData("zone=a", "constraint 'zone=a': one of the operators == and != is expected")]
    [InlineData("", "constraint '': one of the operators == and != is expected")]
    [InlineData("zone==", "constraint 'zone==': the value is empty")]
    [InlineData("zone==~", "constraint 'zone==~': the value is empty")]
    [InlineData("a==x", "constraint 'a==x': the key 'a' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("==x", "constraint '==x': the key '' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("1zone==x", "constraint '1zone==x': the key '1zone' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("zone==a,b", "constraint 'zone==a,b': the value 'a,b' contains ',', which is not allowed")]
    [InlineData("zone==/(a/", "constraint 'zone==/(a/': the value '/(a/' is not a valid pattern")]
    [InlineData("zone==(a", "constraint 'zone==(a': the value '(a' is not a valid pattern")]
    [InlineData(@"zone==/(a)\1/", @"constraint 'zone==/(a)\1/': the value '/(a)\1/' looks ahead, looks behind, refers back or is too complex, which is not supported")]
    public void What_cannot_be_read_is_a_value_with_a_clear_text(string expression, string text) =>
        Constraint.Parse(expression).ShouldBe(new ConstraintParse.Invalid(text));

    [Fact]
    public void A_value_longer_than_a_label_ever_is_is_refused() =>
        Constraint.Parse("zone==" + new string('a', 1025)).ShouldBeOfType<ConstraintParse.Invalid>().Text.ShouldEndWith("the value is longer than 1,024 characters");

    [Theory]
    [InlineData("zone==~a", true, false)]
    [InlineData("zone!=~a", true, true)]
    [InlineData("zone!=a", false, true)]
    public void Softness_and_operator_are_read_and_written_back(string expression, bool isSoft, bool isNegated)
    {
        var constraint = Make.Constraints(expression)[0];

        constraint.IsSoft.ShouldBe(isSoft);
        constraint.IsNegated.ShouldBe(isNegated);
        constraint.Key.ShouldBe("zone");
        constraint.Value.ShouldBe("a");
        constraint.ToString().ShouldBe(expression);
    }

    [Fact]
    public void A_hostile_pattern_does_not_hang_on_a_hostile_label()
    {
        var labels = NodeLabels.From(null, [KeyValuePair.Create("zone", new string('a', 4_000) + "!")], null);
        var node = Make.Node(1) with { };
        var view = new NodeView(node.Facts with { Labels = labels }, node.Usage);

        Make.Constraints("zone==/^(a+)+$/")[0].IsMetBy(view).ShouldBeFalse();
    }

    [Fact]
    public void A_value_of_megabytes_meets_neither_operator_of_a_pattern()
    {
        var labels = NodeLabels.From(null, [KeyValuePair.Create("zone", new string('a', 6_000_000))], null);
        var node = Make.Node(1);
        var view = new NodeView(node.Facts with { Labels = labels }, node.Usage);

        Make.Constraints("zone==/(a|aa)+b$/")[0].IsMetBy(view).ShouldBeFalse();
        Make.Constraints("zone!=/(a|aa)+b$/")[0].IsMetBy(view).ShouldBeFalse();
    }

    [Fact]
    public void A_server_label_wins_over_an_engine_label_and_a_fact_over_both()
    {
        var labels = NodeLabels.From(
            [KeyValuePair.Create("ostype", "linux")],
            [KeyValuePair.Create("ostype", "server"), KeyValuePair.Create("zone", "server")],
            [KeyValuePair.Create("ostype", "engine"), KeyValuePair.Create("zone", "engine"), KeyValuePair.Create("rack", "engine")]);

        labels.Find("ostype").ShouldBe("linux");
        labels.Find("zone").ShouldBe("server");
        labels.Find("rack").ShouldBe("engine");
        labels.Find("none").ShouldBeNull();
    }
}
