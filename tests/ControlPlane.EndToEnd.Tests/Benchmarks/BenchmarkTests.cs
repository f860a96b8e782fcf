using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Benchmarks;

/// <summary>The benchmark program runs; what it measures on a busy machine is nobody's business here.</summary>
public sealed class BenchmarkTests
{
    private static string Program => Path.Combine(Repository.Root, "bench/ControlPlane.Bench/bin/Release/net10.0/ControlPlane.Bench.dll");

    [Theory]
    [InlineData("schedule", "schedule 10,000 nodes, plain / LINQ")]
    [InlineData("state", "state change, 30,000 containers")]
    public async Task A_quick_run_prints_its_figures(string name, string figure)
    {
        var result = await RunAsync(name, "--quick");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain(figure);
        result.Output.Split('\n').ShouldContain(line => line.Contains(" met, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_names_that_there_are()
    {
        var result = await RunAsync("no-such-benchmark");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("There is no benchmark \"no-such-benchmark\"; there are schedule, state,");
    }

    private static Task<CommandResult> RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not built.");
        return Command.RunAsync("dotnet", [Program, .. arguments], TimeSpan.FromMinutes(2), environment: null, TestContext.Current.CancellationToken);
    }
}
