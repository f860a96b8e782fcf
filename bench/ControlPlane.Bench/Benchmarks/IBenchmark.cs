using ControlPlane.Bench.Measuring;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>Measures one thing and cleans up after itself, also when cancelled.</summary>
internal interface IBenchmark
{
    /// <summary>As typed after <c>./controlplane bench</c>.</summary>
    string Name { get; }

    /// <summary>What it measures, in a line.</summary>
    string Summary { get; }

    /// <param name="report">Takes the figures.</param>
    /// <param name="quick">Shorter runs: shows that it works, not how fast.</param>
    /// <param name="cancellationToken">Ctrl-C, or the time is over.</param>
    Task RunAsync(Report report, bool quick, CancellationToken cancellationToken);
}
