using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>The whole agent, in this process, with short deadlines.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LoggerFactory _logs;

    public StringWriter Log { get; } = new();

    public RunningAgent(string data, string engineSocket, FakeControlPlane? server, JoinToken? token = null, string? policy = null, AgentDeadlines? deadlines = null,
        string? tokenFile = null, string? healthFile = null, string address = "")
    {
        _logs = new LoggerFactory([new ConsoleLoggerProvider(Log, TimeProvider.System)]);
        var options = new AgentCommandLine
        {
            DataDirectory = data, EngineSocket = engineSocket, Server = server?.Address, Token = tokenFile is null ? token ?? server?.Token : null, Name = "node-1", PolicyFile = policy,
            TokenFile = tokenFile, HealthFile = healthFile, AdvertiseAddress = address,
        };
        Task = AgentProcess.RunAsync(options, deadlines ?? Short, TimeProvider.System, _logs, _stop.Token);
    }

    public static AgentDeadlines Short { get; } = new()
    {
        ReconnectFirst = TimeSpan.FromMilliseconds(50),
        ReconnectLongest = TimeSpan.FromMilliseconds(300),
        ApprovalPoll = TimeSpan.FromMilliseconds(100),
        EnginePing = TimeSpan.FromMilliseconds(500),
        EnginePingPeriod = TimeSpan.FromMilliseconds(200),
        MinimumServerSilence = TimeSpan.FromSeconds(2),
    };

    public Task Task { get; }

    /// <summary>Waits until the agent has said so.</summary>
    public async Task LogHoldsAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!Log.ToString().Contains(text, StringComparison.Ordinal))
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Log}{Task.Exception}");
        _logs.Dispose();
        _stop.Dispose();
    }
}
