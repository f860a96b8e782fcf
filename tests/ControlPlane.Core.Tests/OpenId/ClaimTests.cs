using System.Net;
using System.Text.Json;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Exchange;
using CsCheck;

namespace ControlPlane.Core.Tests.OpenId;

public sealed class ClaimTests
{
    [Theory]
    [InlineData("""{"groups":["a","b"]}""", "groups", "a,b")]
    [InlineData("""{"groups":"a"}""", "groups", "a")]
    [InlineData("""{"groups":[]}""", "groups", "")]
    [InlineData("""{"realm":{"roles":["x"]}}""", "realm.roles", "x")]
    [InlineData("""{"realm.roles":["whole"],"realm":{"roles":["x"]}}""", "realm.roles", "whole")]
    [InlineData("""{"https://example.com/groups":["u"]}""", "https://example.com/groups", "u")]
    [InlineData("""{"n":7,"t":true}""", "n", "7")]
    [InlineData("""{"n":7,"t":true}""", "t", "true")]
    [InlineData("""{"groups":[["nested"],{"o":1},"a"]}""", "groups", "a")]
    [InlineData("""{"groups":{"a":1}}""", "groups", "")]
    [InlineData("""{"groups":null}""", "groups", "")]
    [InlineData("""{"realm":"text"}""", "realm.roles", "")]
    public void A_claim_is_read_in_every_form_it_comes_in(string json, string claim, string expected) =>
        string.Join(',', new ClaimValues(JsonElement.Parse(json)).Of(claim)).ShouldBe(expected);

    [Fact]
    public void The_first_document_that_has_a_claim_decides()
    {
        var claims = new ClaimValues(JsonElement.Parse("""{"groups":[]}"""), JsonElement.Parse("""{"groups":["admins"],"name":"A"}"""));

        (claims.Has("groups", "admins"), claims.First("name")).ShouldBe((false, "A"));
    }

    [Theory]
    [InlineData("repo:org/*:ref:refs/heads/main", "repo:org/shop:ref:refs/heads/main", true)]
    [InlineData("repo:org/*:ref:refs/heads/main", "repo:org/shop:ref:refs/heads/main2", false)]
    [InlineData("repo:org/*", "repo:organisation/shop", false)]
    [InlineData("exact", "EXACT", false)]
    [InlineData("a*b*c", "aXXbYYbZc", true)]
    [InlineData("*", "", true)]
    [InlineData("", "x", false)]
    public void A_pattern_matches_the_whole_value(string pattern, string text, bool expected) => ClaimPattern.Matches(pattern, text).ShouldBe(expected);

    [Fact]
    public void Patterns_agree_with_regular_expressions() =>
        Gen.Select(Gen.String[Gen.Char["ab*"], 0, 8], Gen.String[Gen.Char["ab"], 0, 10]).Sample((pattern, text) =>
            ClaimPattern.Matches(pattern, text) == System.Text.RegularExpressions.Regex.IsMatch(
                text, "^" + pattern.Replace("*", ".*", StringComparison.Ordinal) + "$", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));

    [Theory]
    [InlineData("10.0.0.1", false, true)]
    [InlineData("8.8.8.8", false, true)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("127.0.0.1", true, true)]
    [InlineData("::1", false, false)]
    [InlineData("::ffff:127.0.0.1", false, false)]
    [InlineData("::ffff:169.254.169.254", true, false)]
    [InlineData("169.254.169.254", true, false)]
    [InlineData("fe80::1", true, false)]
    [InlineData("0.0.0.0", true, false)]
    [InlineData("224.0.0.1", true, false)]
    [InlineData("ff02::1", true, false)]
    [InlineData("::", true, false)]
    public void Requests_go_only_where_a_provider_may_be(string address, bool loopback, bool expected) =>
        new OutgoingRules(loopback, null).Allows(IPAddress.Parse(address)).ShouldBe(expected);

    [Theory]
    [InlineData("https://login.example", false, true)]
    [InlineData("http://localhost:4010", true, true)]
    [InlineData("http://localhost:4010", false, false)]
    [InlineData("http://login.example", true, false)]
    [InlineData("http://2130706433/", true, true)]
    [InlineData("http://2130706433/", false, false)]
    [InlineData("file:///etc/passwd", true, false)]
    [InlineData("https://a:b@login.example", false, false)]
    [InlineData("", false, false)]
    public void Addresses_are_https_unless_it_is_this_machine_and_allowed(string address, bool loopback, bool expected) =>
        (new OutgoingRules(loopback, null).Problem(address) is null).ShouldBe(expected);
}
