using ControlPlane.Bench.Measuring;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>One benchmark after the other; a failing one does not end the others.</summary>
internal static class BenchmarkRun
{
    // Far above what any of them takes: an end for one that hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    public static async Task<int> RunAsync(
        IReadOnlyList<IBenchmark> wanted, Report report, bool quick, CancellationToken cancellationToken)
    {
        var failed = 0;
        report.Head();
        foreach (var item in wanted)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            report.Begin(item.Name, item.Summary);
            try
            {
                await item.RunAsync(report, quick, limit.Token);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("Interrupted; everything that was started is gone.");
                return 130;
            }
            catch (Exception failure)
            {
                failed++;
                await Console.Error.WriteLineAsync($"{item.Name} failed: {failure}");
            }
        }

        report.End();
        return failed == 0 ? 0 : 1;
    }
}
