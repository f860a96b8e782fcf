using System.Runtime.InteropServices;
using ControlPlane.Bench.Benchmarks;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Simulation;

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

if (args is [FleetProcess.Verb, ..])
{
    return await FleetProcess.ServeAsync(args[1..], stopping.Token);
}

var quick = args.Contains("--quick", StringComparer.Ordinal);
var names = args.Where(argument => argument != "--quick").ToList();
if (names is ["list"])
{
    foreach (var item in AllBenchmarks.InOrder)
    {
        Console.WriteLine($"{item.Name,-15} {item.Summary}");
    }

    return 0;
}

var wanted = names.Count == 0 ? AllBenchmarks.InOrder : [.. names.Select(AllBenchmarks.Find).OfType<IBenchmark>()];
if (names.FirstOrDefault(name => AllBenchmarks.Find(name) is null) is { } unknown)
{
    await Console.Error.WriteLineAsync(
        $"There is no benchmark \"{unknown}\"; there are {string.Join(", ", AllBenchmarks.InOrder.Select(item => item.Name))}.");
    return 1;
}

return await BenchmarkRun.RunAsync(wanted, new Report(Console.Out), quick, stopping.Token);

void Stop(PosixSignalContext context)
{
    // The end comes by cancellation, so that every benchmark takes down what it started.
    context.Cancel = true;
    stopping.Cancel();
}
