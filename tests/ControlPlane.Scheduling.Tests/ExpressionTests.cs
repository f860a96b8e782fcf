using System.Diagnostics;
using CsCheck;

namespace ControlPlane.Scheduling.Tests;

/// <summary>The value side of constraints and affinities: plain texts, globs and regular expressions.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("web", "web", true)]
    [InlineData("web", "web1", false)]
    [InlineData("web", "aweb", false)]
    [InlineData("web", "WEB", false)]
    [InlineData("web", "", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything at all", true)]
    [InlineData("web*", "web", true)]
    [InlineData("web*", "web-1", true)]
    [InlineData("web*", "a-web", false)]
    [InlineData("*web", "a-web", true)]
    [InlineData("*web", "web-1", false)]
    [InlineData("*we*", "a web b", true)]
    [InlineData("w*b", "wb", true)]
    [InlineData("w*b", "w-e-b", true)]
    [InlineData("w*b", "w-e-bb-", false)]
    [InlineData("w**b", "web", true)]
    [InlineData("w.b", "web", true)]
    [InlineData("w.b", "wb", false)]
    [InlineData("we?b", "wb", true)]
    [InlineData("we?b", "web", true)]
    [InlineData("we+b", "weeeb", true)]
    [InlineData("[wv]eb", "veb", true)]
    [InlineData("[wv]eb", "xeb", false)]
    [InlineData("web|db", "db", true)]
    [InlineData("web|db", "webdb", false)]
    [InlineData("(a|b)c", "bc", true)]
    [InlineData("a[^b]c", "abc", false)]
    [InlineData(@"1\.2", "1.2", true)]
    [InlineData(@"1\.2", "1x2", false)]
    [InlineData("/web/", "a web b", true)]
    [InlineData("/^web$/", "web", true)]
    [InlineData("/^web$/", "web2", false)]
    [InlineData("/WEB/", "web", false)]
    [InlineData("/w.*b/", "a w-b c", true)]
    [InlineData("/^$/", "", true)]
    [InlineData("/a|b/", "xbx", true)]
    [InlineData("/var/lib", "/var/lib", true)]
    [InlineData("/var/lib", "var", false)]
    [InlineData("//", "//", true)]
    [InlineData("//", "x", false)]
    [InlineData("/", "/", true)]
    [InlineData("a b", "a b", true)]
    [InlineData("a:b-c_d", "a:b-c_d", true)]
    public void A_value_matches_as_in_classic_swarm(string value, string text, bool isMatch)
    {
        Make.Affinities($"tier=={value}")[0].Matches(text).ShouldBe(isMatch);
        Make.Constraints($"zone=={value}")[0].IsMetBy(Labelled(text)).ShouldBe(isMatch);
        Make.Constraints($"zone!={value}")[0].IsMetBy(Labelled(text)).ShouldBe(!isMatch);
    }

    [Theory]
    [InlineData("a\nb", "a*b", true)]
    [InlineData("a\n", "a", false)]
    [InlineData("a\n", "a*", true)]
    [InlineData("a\n", "/^a$/", true)]
    public void Line_ends_are_letters_like_others(string text, string value, bool isMatch) => Make.Affinities($"tier=={value}")[0].Matches(text).ShouldBe(isMatch);

    [Theory]
    [InlineData("web", true)]
    [InlineData("a:b-c_d/e f", true)]
    [InlineData("/var/lib", true)]
    [InlineData("/web/", false)]
    [InlineData("web*", false)]
    [InlineData("1.2", false)]
    [InlineData("a|b", false)]
    [InlineData("a+", false)]
    [InlineData("a?", false)]
    [InlineData("^a", false)]
    [InlineData("a$", false)]
    [InlineData("(a)", false)]
    [InlineData("[a]", false)]
    [InlineData(@"\d", false)]
    public void Only_plain_texts_are_exact(string value, bool isExact)
    {
        Make.Affinities($"tier=={value}")[0].IsExact.ShouldBe(isExact);
        Make.Constraints($"tier!={value}")[0].IsExact.ShouldBe(isExact);
    }

    [Theory]
    [InlineData("zone==a==b", "the value 'a==b' contains '=', which is not allowed")]
    [InlineData("zone!=a==b", "the key 'zone!=a' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("zone==~~a", "the value '~a' contains '~', which is not allowed")]
    [InlineData("zone==!a", "the value '!a' contains '!', which is not allowed")]
    [InlineData("zone==ä", "the value 'ä' contains 'ä', which is not allowed")]
    [InlineData("zone==a'b", "the value 'a'b' contains ''', which is not allowed")]
    [InlineData("zone==a{2}", "the value 'a{2}' contains '{', which is not allowed")]
    [InlineData("zone==\0", "the value '\0' contains '\0', which is not allowed")]
    [InlineData("zo ne==a", "the key 'zo ne' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData(" zone==a", "the key ' zone' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("-zone==a", "the key '-zone' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData(".zone==a", "the key '.zone' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("zone\n==a", "the key 'zone\n' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("zöne==a", "the key 'zöne' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'")]
    [InlineData("zone==*a**)", "the value '*a**)' is not a valid pattern")]
    [InlineData("zone==/a**/", "the value '/a**/' is not a valid pattern")]
    [InlineData("zone==[", "the value '[' is not a valid pattern")]
    [InlineData(@"zone==\", @"the value '\' is not a valid pattern")]
    [InlineData("zone==/?/", "the value '/?/' is not a valid pattern")]
    [InlineData(@"zone==(a)\1", @"the value '(a)\1' looks ahead, looks behind, refers back or is too complex, which is not supported")]
    public void What_cannot_be_read_says_why(string expression, string problem)
    {
        Constraint.Parse(expression).ShouldBe(new ConstraintParse.Invalid($"constraint '{expression}': {problem}"));
        Affinity.Parse(expression).ShouldBe(new AffinityParse.Invalid($"affinity '{expression}': {problem}"));
    }

    [Theory]
    [InlineData("_zone==a")]
    [InlineData("Zone==a")]
    [InlineData("z1==a")]
    [InlineData("com.example.zone-1_x==a")]
    [InlineData("zone==a b\tc")]
    public void What_classic_swarm_reads_is_read(string expression)
    {
        Constraint.Parse(expression).ShouldBeOfType<ConstraintParse.Valid>();
        Affinity.Parse(expression).ShouldBeOfType<AffinityParse.Valid>();
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_value_has_a_bounded_length(int length, bool isValid)
    {
        (Affinity.Parse("tier==" + new string('a', length)) is AffinityParse.Valid).ShouldBe(isValid);
        (Affinity.Parse("tier==~" + new string('*', length)) is AffinityParse.Valid).ShouldBe(isValid);
    }

    [Fact]
    public void The_first_operator_counts_and_equality_comes_before_difference()
    {
        Make.Constraints("zone==a")[0].IsNegated.ShouldBeFalse();
        Make.Constraints("zone!=a")[0].IsNegated.ShouldBeTrue();
        Constraint.Parse("zone==a!=b").ShouldBeOfType<ConstraintParse.Invalid>().Text.ShouldContain("contains '!'");
    }

    [Theory]
    [InlineData("/(a+)+$/")]
    [InlineData("/^(a|a)*$/")]
    [InlineData("/^(a|aa)+$/")]
    [InlineData("/(a*)*b/")]
    [InlineData("/((a?)+)+b/")]
    [InlineData("(a*)*(a*)*b")]
    [InlineData("*a*a*a*a*a*a*a*b")]
    [InlineData("a?a?a?a?a?a?a?a?a?a?aaaaaaaaaab")]
    public void A_pattern_that_wants_to_hang_does_not(string value)
    {
        var view = Labelled(new string('a', 4_000) + "!");
        var constraint = Make.Constraints($"zone=={value}")[0];
        var watch = Stopwatch.StartNew();

        constraint.IsMetBy(view).ShouldBe(false);

        // Backtracking would take longer than the age of the universe.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(4 * 1024, true)]
    [InlineData((4 * 1024) + 1, false)]
    public void A_value_longer_than_any_label_meets_no_pattern_and_no_denial_of_one(int length, bool isMatched)
    {
        var view = Labelled(new string('a', length));

        Make.Constraints("zone==a*")[0].IsMetBy(view).ShouldBe(isMatched);
        Make.Constraints("zone!=b*")[0].IsMetBy(view).ShouldBe(isMatched);
        Make.Constraints("zone!=b")[0].IsMetBy(view).ShouldBeTrue();
    }

    [Fact]
    public void A_pattern_with_very_many_states_is_refused_or_bounded()
    {
        var value = string.Concat(Enumerable.Repeat("(a?b?c?)+", 100));
        var watch = Stopwatch.StartNew();

        if (Constraint.Parse($"zone=={value}") is ConstraintParse.Valid valid)
        {
            valid.Constraint.IsMetBy(Labelled(string.Concat(Enumerable.Repeat("abc", 1_300)) + "!")).ShouldBeFalse();
        }

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void No_text_makes_parsing_fail_otherwise_than_by_a_value() =>
        Gen.Select(Gen.OneOf("zone==", "zone!=", "zone==~", "", "z"), Gen.Char["ab*/()[]^$|.+?\\~=!- {}é\n"].Array[0, 12].Select(letters => new string(letters)))
            .Sample(
                (start, rest) =>
                {
                    var constraint = Constraint.Parse(start + rest);
                    (constraint is ConstraintParse.Valid).ShouldBe(Affinity.Parse(start + rest) is AffinityParse.Valid);
                    if (constraint is ConstraintParse.Valid valid)
                    {
                        valid.Constraint.ToString().ShouldBe(start + rest);
                        (valid.Constraint.IsMetBy(Labelled("ab")) && valid.Constraint.IsExact && !valid.Constraint.IsNegated).ShouldBe(valid.Constraint.Value == "ab" && !valid.Constraint.IsNegated);
                    }
                },
                iter: 5000);

    private static NodeView Labelled(string zone) => new(
        Make.Node(1).Facts with { Labels = NodeLabels.From(null, [KeyValuePair.Create("zone", zone)], null) }, new TestUsage());
}
