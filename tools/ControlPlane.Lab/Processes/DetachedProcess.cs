using System.Globalization;

namespace ControlPlane.Lab;

/// <summary>
/// A process that outlives whoever started it and is found again by its pid file. The mark is a text in its
/// command line that no other process has, so a pid used again by somebody else is never signalled.
/// </summary>
public sealed class DetachedProcess(string pidFile, string logFile, string mark)
{
    // The shell writes the pid before anything can go wrong here; setsid does not fork in a background job.
    private const string Launch = """
        pid_file=$1 log=$2; shift 2
        setsid "$@" </dev/null >>"$log" 2>&1 &
        echo $! >"$pid_file"
        """;

    public string PidFile { get; } = pidFile;

    public string LogFile { get; } = logFile;

    /// <summary>The running process, or null.</summary>
    public int? Pid =>
        File.Exists(PidFile)
        && int.TryParse(File.ReadAllText(PidFile).Trim(), CultureInfo.InvariantCulture, out var pid)
        && ProcessTable.IsRunning(pid)
        && IsOurs(ProcessTable.CommandLine(pid))
            ? pid : null;

    public bool IsRunning => Pid is not null;

    public async Task StartAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string?>? environment,
        CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(
            "/bin/sh", ["-ec", Launch, "sh", PidFile, LogFile, .. command],
            Command.DefaultLimit, environment, cancellationToken);
        _ = result.OutputOrThrow($"Starting {command[0]}");
    }

    public void Freeze() => Signal(ProcessTable.Stop);

    public void Thaw() => Signal(ProcessTable.Continue);

    /// <summary>kill -9, and the end of it.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (Pid is { } pid)
        {
            ProcessTable.Signal(pid, ProcessTable.Kill);
            await WaitForEndAsync(pid, TimeSpan.FromSeconds(10), cancellationToken);
        }
    }

    /// <summary>Asks it to end and waits; takes it down when the limit passes.</summary>
    public async Task StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Pid is { } pid)
        {
            ProcessTable.Signal(pid, ProcessTable.Terminate);
            ProcessTable.Signal(pid, ProcessTable.Continue);
            if (!await WaitForEndAsync(pid, limit, cancellationToken))
            {
                await KillAsync(cancellationToken);
            }
        }

        if (File.Exists(PidFile))
        {
            File.Delete(PidFile);
        }
    }

    /// <summary>The last lines it logged, for an error message.</summary>
    public string LastLogLine() => File.Exists(LogFile)
        ? File.ReadLines(LogFile).LastOrDefault(line => line.Trim().Length > 0) ?? "(nothing logged)"
        : "(nothing logged)";

    // Empty for a moment while the kernel replaces one program by the next: the process is there, and still ours.
    private bool IsOurs(string commandLine) => commandLine.Length == 0 || commandLine.Contains(mark, StringComparison.Ordinal);

    internal void Signal(int signal)
    {
        if (Pid is { } pid)
        {
            ProcessTable.Signal(pid, signal);
        }
    }

    private static Task<bool> WaitForEndAsync(int pid, TimeSpan limit, CancellationToken cancellationToken) =>
        Deadline.HoldsWithinAsync(limit, _ => Task.FromResult(!ProcessTable.IsRunning(pid)), cancellationToken);
}
