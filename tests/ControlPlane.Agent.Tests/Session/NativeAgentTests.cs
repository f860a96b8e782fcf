using System.Diagnostics;
using System.Globalization;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Session;

public sealed class NativeAgentTests(RealEngine engine) : IClassFixture<RealEngine>
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task The_native_agent_with_twenty_containers_stays_small_and_ends_in_order()
    {
        var binary = NativeAgent.Binary;
        Assert.SkipWhen(binary is null, "artifacts/agent/controlplane-agent is not published.");
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.WarmTunnels = 2;
        var start = new ProcessStartInfo(binary, ["--data", data.Path, "--engine", "unix://" + engine.Socket, "--server", server.Address.ToString(), "--name", "node-1"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment[AgentCommandLine.TokenVariable] = server.Token.ToString();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        try
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
            var connected = clock.Elapsed;
            await server.Seen.Until(seen => seen.Full);
            var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.RunAsync(RealEngineTests.Create())));
            results.ShouldAllBe(result => result.Outcome == CommandOutcome.Done);
            var beats = server.Seen.Heartbeats.Count;
            await server.Seen.Until(seen => seen.Heartbeats.Count > beats + 6);

            var rss = long.Parse(
                File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture) * 1024;
            var size = new FileInfo(binary).Length;
            TestContext.Current.TestOutputHelper!.WriteLine($"RSS {rss / Megabyte} MB, binary {(double)size / Megabyte:F1} MB, start to hello (with join) {connected.TotalMilliseconds:F0} ms");

            // The goal is 40 MB; since tunnels carry everything it is 39 to 41 (docs/performance.md).
            rss.ShouldBeLessThan(44 * Megabyte);
            size.ShouldBeLessThan(20 * Megabyte);
        }
        finally
        {
            await RealEngine.Bash($"kill -TERM {process.Id} || true");
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await process.WaitForExitAsync(deadline.Token);
            TestContext.Current.TestOutputHelper!.WriteLine(await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync());
        }

        process.ExitCode.ShouldBe(0);
        (await engine.DockerAsync("ps -q | wc -l")).ShouldBe("20");
    }
}
