namespace ControlPlane.Bench.Benchmarks;

/// <summary>Every benchmark, in the order of a full run: the quick ones in memory first.</summary>
internal static class AllBenchmarks
{
    public static readonly IReadOnlyList<IBenchmark> InOrder =
    [
        new ScheduleBenchmark(),
        new StateBenchmark(),
        new StartBenchmark(),
        new CommandBenchmark(),
        new AgentBenchmark(),
        new CreateBenchmark(),
        new BurstBenchmark(),
        new EventsBenchmark(),
        new DirectorySyncBenchmark(),
        new ListsBenchmark(),
        new AccessBenchmark(),
        new AgentsBenchmark(),
        new DockerBenchmark(),
    ];

    public static IBenchmark? Find(string name) => InOrder.FirstOrDefault(item => string.Equals(item.Name, name, StringComparison.Ordinal));
}
