using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>The server as a process of its own, for what only its end tells.</summary>
internal sealed class ServerProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    private ServerProgram(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Both streams.</summary>
    public string Output => string.Join('\n', _lines);

    public static ServerProgram Start(TestDatabase database) => new(new ProcessStartInfo(
        Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "ControlPlane.Api.dll"), "--data", database.DataDirectory, "--port", "0", "--docker-port", "0", "--listen", "127.0.0.1", "--database", database.Connection])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    public Task StartedAsync() => _started.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    /// <summary>As systemd and docker stop it.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.Contains("Listening on port", StringComparison.Ordinal))
        {
            _started.TrySetResult();
        }
    }
}
