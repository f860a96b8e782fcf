using System.Runtime.InteropServices;

namespace ControlPlane.Lab;

/// <summary><c>up</c>: starts or resumes a cluster, tells how to use it, and stays with it unless detached.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Refuses what cannot start.</summary>
    public static int Check(UpArguments arguments)
    {
        var options = arguments.Options() with { WithControlPlane = false };
        var paths = new LabPaths(options.Directory);
        LabChecks.Resolve(options, paths);
        paths.Prepare();
        LabChecks.CheckPort(options.Port, IsServerRunning(paths));
        return 0;
    }

    public static async Task<int> RunAsync(UpArguments arguments)
    {
        using var stopping = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            await StartAsync(arguments, stopping.Token);
            if (arguments.Detach)
            {
                return 0;
            }

            Console.WriteLine();
            Console.WriteLine("Ctrl-C stops everything; the data stays.");
            await WatchAsync(new LabPaths(arguments.Data), stopping.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Console.WriteLine("Stopping …");
            await LabCluster.StopAsync(arguments.Data, CancellationToken.None);
            Console.WriteLine("Stopped.");
            return 0;
        }
    }

    private static async Task StartAsync(UpArguments arguments, CancellationToken cancellationToken)
    {
        var options = arguments.Options();
        Console.WriteLine(options.Nodes == 0
            ? "Starting the server and an agent for this machine's Docker engine …"
            : $"Starting the server, {options.Nodes} private Docker engines and their agents …");
        string? password = null;
        try
        {
            var cluster = await LabCluster.StartAsync(options, first => password = first, cancellationToken);
            await ClusterReport.WriteAsync(cluster.Server, cluster.Nodes, password, cancellationToken);
        }
        catch when (password is not null)
        {
            // Shown once only, so it must not be lost with a start that failed later.
            Console.WriteLine($"The admin account was made: admin / {password}");
            throw;
        }
    }

    private static async Task WatchAsync(LabPaths paths, CancellationToken cancellationToken)
    {
        var told = false;
        while (File.Exists(paths.ServerPid))
        {
            if (!told && !IsServerRunning(paths))
            {
                told = true;
                await Console.Error.WriteLineAsync($"The server has ended; see {paths.ServerLog}. A second up starts it again.");
            }

            await Task.Delay(WatchPeriod, TimeProvider.System, cancellationToken);
        }

        Console.WriteLine("Stopped by another command.");
    }

    private static bool IsServerRunning(LabPaths paths) => new DetachedProcess(
        paths.ServerPid, paths.ServerLog, $"--Server:DataDirectory {paths.Root} ").IsRunning;
}
