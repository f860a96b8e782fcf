using System.Diagnostics;
using ControlPlane.Agent.Engine;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>One dockerd of its own, without networking, with an image <c>busybox</c>; shared by the tests of a collection.</summary>
public sealed class RealEngine : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private Process? _daemon;

    public string Socket => _directory.Sub("docker.sock");

    public int ProcessId => _daemon!.Id;

    public async ValueTask InitializeAsync()
    {
        StartDaemon();
        await ReadyAsync();
        await Bash($"mkdir -p {_directory.Path}/r/bin && cp /bin/busybox {_directory.Path}/r/bin/busybox && for a in sh sleep true ps echo top; do ln -sf busybox {_directory.Path}/r/bin/$a; done && tar -c -C {_directory.Path}/r . | docker -H unix://{Socket} import -c 'CMD [\"sh\"]' - busybox:latest");
    }

    public void StartDaemon()
    {
        var d = _directory.Path;
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec dockerd --host unix://{Socket} --data-root {d}/data --exec-root {d}/exec --pidfile {d}/pid --iptables=false --bridge=none >> {d}/log 2>&1");
        _daemon = Process.Start(start)!;
    }

    public async Task KillDaemonAsync()
    {
        _daemon!.Kill();
        await _daemon.WaitForExitAsync();
        File.Delete(_directory.Sub("pid"));
        // Its containerd outlives it and would keep the next daemon waiting.
        await Bash($"kill -9 $(cat {_directory.Path}/exec/containerd/containerd.pid) || true; rm -f {_directory.Path}/exec/containerd/containerd.pid {_directory.Path}/exec/containerd/*.sock*");
    }

    public async Task ReadyAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var socket = new EngineSocket(Socket);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(deadline.Token))
        {
            try
            {
                if (await socket.PingAsync(deadline.Token))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }
    }

    public Task<string> DockerAsync(string arguments) => Bash($"docker -H unix://{Socket} {arguments}");

    public static async Task<string> Bash(string script)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        await Bash($"kill -CONT {ProcessId} 2>/dev/null; docker -H unix://{Socket} ps -aq | xargs -r docker -H unix://{Socket} rm -f >/dev/null; kill {ProcessId}; true");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _daemon!.WaitForExitAsync(deadline.Token);
        _daemon.Dispose();
        _directory.Dispose();
    }
}
