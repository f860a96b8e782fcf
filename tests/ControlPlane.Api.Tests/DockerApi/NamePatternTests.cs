using ControlPlane.Api.DockerApi.Containers;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>The filter <c>name</c> of <c>docker ps</c>, which an engine reads as a regular expression.</summary>
public sealed class NamePatternTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("eb-1", true)]
    [InlineData("^web-1$", true)]
    [InlineData("^/web-1$", true)]
    [InlineData("^/node-2/web-1$", true)]
    [InlineData("^node-2/web", true)]
    [InlineData("web-[0-9]+$", true)]
    [InlineData("web.1", true)]
    [InlineData("^(api|web)-[0-9]{1,3}$", true)]
    [InlineData("(?i)WEB", true)]
    [InlineData("^eb", false)]
    [InlineData("^web$", false)]
    [InlineData("WEB", false)]
    [InlineData("web-[2-9]", false)]
    public void A_name_is_found_as_on_an_engine(string pattern, bool found) => NamePattern.Of([pattern]).Value.Matches("/node-2/web-1", "web-1").ShouldBe(found);

    [Theory]
    [InlineData("x|y", "z", false)]
    [InlineData("x", "^web", true)]
    [InlineData("^web", "x", true)]
    [InlineData("^a|1$", "x", true)]
    public void One_of_several_is_enough(string first, string second, bool found) => NamePattern.Of([first, second]).Value.Matches("/node-2/web-1", "web-1").ShouldBe(found);

    [Theory]
    [InlineData("[")]
    [InlineData("*")]
    [InlineData("(")]
    [InlineData("a)|(b")]
    [InlineData("(?=web)")]
    [InlineData("(a)\\1")]
    public void What_is_no_linear_expression_is_refused(string pattern) => NamePattern.Of(["web", pattern]).Error.ShouldNotBeNull().Message.ShouldContain("regular expression");

    [Fact]
    public void A_pattern_has_at_most_256_characters()
    {
        NamePattern.Of([new string('a', 256)]).IsSuccess.ShouldBeTrue();
        NamePattern.Of([new string('a', 257)]).Error.ShouldNotBeNull().Message.ShouldContain("256");
    }

    [Fact]
    public void Two_hundred_names_at_once_are_matched()
    {
        var names = Enumerable.Range(0, 200).Select(n => $"^{new string('a', 240)}-{n}$").ToList();

        var pattern = NamePattern.Of(names).Value;

        pattern.Matches($"/node/{names[199][1..^1]}", names[199][1..^1]).ShouldBeTrue();
        pattern.Matches("/node/web", "web").ShouldBeFalse();
    }

    [Fact]
    public void A_pattern_that_would_explode_is_refused() => NamePattern.Of(["(a{1,200}){1,200}$"]).Error.ShouldNotBeNull();
}
