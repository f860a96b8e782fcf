using System.Diagnostics;

namespace ControlPlane.TestKit.Directories;

/// <summary>Runs the programs of the directory servers.</summary>
internal static class DirectoryTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public static bool IsRoot => Environment.UserName == "root";

    /// <summary>Runs to the end; anything but exit code 0 is an error with what it printed.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> command, string? input = null, params (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), limit.Token);
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code says why.
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await error}{Tail(await output)}");
    }

    /// <summary>Starts a server in a process group of its own; its output goes to a file.</summary>
    public static Process Start(string log, params IReadOnlyList<string> command) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. command]))!;

    /// <summary>Sends a signal to the server and all it started.</summary>
    public static void Signal(string signal, Process process)
    {
        using var kill = Process.Start("/bin/sh", ["-c", "kill -\"$1\" -- -\"$2\" 2>/dev/null || kill -\"$1\" \"$2\" 2>/dev/null", "sh", signal, $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>For the end of the test process, where nothing can be awaited.</summary>
    public static void KillNow(Process process)
    {
        if (!process.HasExited)
        {
            Signal("KILL", process);
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await condition())
        {
            try
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"Waited in vain until {what}.", e);
            }
        }
    }

    private static string Tail(string text) => text.Length > 2000 ? text[^2000..] : text;
}
