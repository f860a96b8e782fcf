using ControlPlane.Agent.Commands;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Agent.Usage;
using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Session;

/// <summary>One session from ticket to end. Any failure ends it whole; there is no half-repaired state.</summary>
internal sealed partial class AgentSession(
    SessionFactory factory, KnownKeys keys, InventoryStore store, Outbox outbox, CommandRunner commands, EngineReader engine, UsageWatch usage,
    TunnelDialer tunnels, HealthFile health, AgentDeadlines deadlines, TimeProvider time, ILogger<AgentSession> logger)
{
    private static readonly string InstanceId = Guid.NewGuid().ToString("N");

    /// <summary>Runs until the session ends.</summary>
    /// <param name="ticket">The server's ticket.</param>
    /// <param name="welcomed">Called once the server has taken the hello.</param>
    /// <param name="cancellationToken">Ends the session in an orderly way.</param>
    /// <returns>The server's reason when it ended the session; else null.</returns>
    public async Task<SessionEnd?> RunAsync(string ticket, Action welcomed, CancellationToken cancellationToken)
    {
        await using var hub = factory.Create(ticket);
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = new TaskCompletionSource<SessionEnd?>(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Closed += cause =>
        {
            ended.TrySetException(cause ?? new IOException("the server closed the session"));
            return Task.CompletedTask;
        };
        await using var pool = tunnels.CreatePool();
        Listen(hub, pool, ended);
        await StartAsync(hub, scope.Token);
        var description = store.Description;
        var welcome = await HelloAsync(hub, description, scope.Token);
        welcomed();
        keys.Learn(welcome.TrustedKeys);
        LogConnected(welcome.NodeName, welcome.SessionId);
        var heartbeat = TimeSpan.FromMilliseconds(Math.Clamp(welcome.HeartbeatMilliseconds, 200, 600_000));
        hub.ServerTimeout = heartbeat * 3 > deadlines.MinimumServerSilence ? heartbeat * 3 : deadlines.MinimumServerSilence;
        pool.Open(welcome);
        var sender = new SessionSender(hub, store, outbox, commands, engine, () => health.Confirm(hub.ServerTimeout), deadlines, time).RunAsync(description, scope.Token);
        var beats = BeatAsync(heartbeat, scope.Token);
        try
        {
            var first = await Task.WhenAny(ended.Task, sender, beats);
            await first;
            return ended.Task.IsCompletedSuccessfully ? await ended.Task : null;
        }
        finally
        {
            await scope.CancelAsync();
            usage.Watch([]);
            health.Remove();
            await Task.WhenAll(sender, beats).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await StopAsync(hub);
        }
    }

    private void Listen(HubConnection hub, TunnelPool pool, TaskCompletionSource<SessionEnd?> ended)
    {
        hub.On<CommandEnvelope>(nameof(IAgentClient.Command), envelope => commands.Accept(envelope.Command));
        hub.On<string>(nameof(IAgentClient.CancelCommand), commands.Cancel);
        hub.On(nameof(IAgentClient.Resync), store.WantFull);
        hub.On<List<string>>(nameof(IAgentClient.WatchUsage), usage.Watch);
        hub.On<int>(nameof(IAgentClient.OpenTunnels), pool.OpenMore);
        hub.On<SessionEnd>(nameof(IAgentClient.End), end => ended.TrySetResult(end));
    }

    private async Task StartAsync(HubConnection hub, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.ServerConnect + deadlines.Handshake);
        await hub.StartAsync(deadline.Token);
    }

    private async Task<Welcome> HelloAsync(HubConnection hub, NodeDescription? description, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.Handshake);
        var hello = new Hello(AgentProtocol.Version, AgentVersion.Text, InstanceId, time.GetUtcNow().UtcDateTime, description, commands.InFlight);
        return await hub.InvokeAsync<Welcome>(nameof(IAgentHub.Hello), hello, deadline.Token);
    }

    private async Task BeatAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        void OnEngine() => outbox.AddHeartbeat();
        store.EngineUpChanged += OnEngine;
        store.Changed += outbox.Wake;
        try
        {
            outbox.AddHeartbeat();
            using var timer = new PeriodicTimer(period, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                outbox.AddHeartbeat();
            }
        }
        finally
        {
            store.EngineUpChanged -= OnEngine;
            store.Changed -= outbox.Wake;
        }
    }

    private async Task StopAsync(HubConnection hub)
    {
        using var deadline = new CancellationTokenSource(deadlines.Shutdown, time);
        try
        {
            await hub.StopAsync(deadline.Token);
        }
        catch (Exception)
        {
            // It is over either way.
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected as {Name} (session {SessionId}).")]
    private partial void LogConnected(string name, string sessionId);
}
