using ControlPlane.Scheduling.Filters;

namespace ControlPlane.Scheduling.Tests;

public sealed class EngineVersionFilterTests
{
    private static readonly PlacementRequest Annotated = new() { EngineNeed = new EngineNeed("HostConfig.Annotations", new Version(1, 43)) };

    [Theory]
    [InlineData("1.43", null)]
    [InlineData("1.44", null)]
    [InlineData("1.100", null)]
    [InlineData("1.41", "HostConfig.Annotations needs API 1.43, the engine has 1.41")]
    [InlineData(null, "HostConfig.Annotations needs API 1.43, the engine has not said what it has")]
    public void An_engine_that_does_not_know_a_field_does_not_get_it(string? version, string? text)
    {
        var node = Make.Node(1);
        var check = new EngineVersionFilter().For(Annotated).ShouldNotBeNull();
        var view = new NodeView(node.View.Facts with { ApiVersion = version is null ? null : Version.Parse(version) }, node.View.Usage);

        check.Passes(view).ShouldBe(text is null);
        check.Explain(view)?.Text.ShouldBe(text);
        if (text is not null)
        {
            check.Explain(view).ShouldNotBeNull().Summary.For(2).ShouldBe("2 have engines too old for HostConfig.Annotations");
        }
    }

    [Fact]
    public void What_every_engine_knows_needs_no_check() => new EngineVersionFilter().For(new PlacementRequest()).ShouldBeNull();
}
