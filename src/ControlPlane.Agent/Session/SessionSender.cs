using ControlPlane.Agent.Commands;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.SignalR.Client;

namespace ControlPlane.Agent.Session;

/// <summary>
/// The one voice of a session. Takes results first and the inventory second, but sends in the other order: a result never overtakes
/// the change it caused. While a message is on its way, further changes gather in the store and go as one.
/// </summary>
internal sealed class SessionSender(
    HubConnection hub, InventoryStore store, Outbox outbox, CommandRunner commands, EngineReader engine, Action acknowledged,
    AgentDeadlines deadlines, TimeProvider time)
{
    private readonly ReportedDigest _digest = new();
    private readonly HostReading _host = new();
    private NodeDescription? _described;
    private long _sequence;

    public async Task RunAsync(NodeDescription? described, CancellationToken cancellationToken)
    {
        _described = described;
        store.WantFull();
        outbox.BeginSession();
        while (true)
        {
            await outbox.WaitAsync(cancellationToken);
            var content = outbox.Take();
            await DescribeAsync(cancellationToken);
            await ReportAsync(cancellationToken);
            await SayAsync(content, cancellationToken);
        }
    }

    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        if (store.Description is { } description && !ReferenceEquals(description, _described))
        {
            await SendAsync(nameof(IAgentHub.Describe), description, cancellationToken);
            _described = description;
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        if (store.Take() is not { } change)
        {
            return;
        }

        if (change.Full)
        {
            _digest.Restart();
        }

        foreach (var report in ReportParts.Cut(change, () => ++_sequence, commands.InFlight))
        {
            await SendAsync(nameof(IAgentHub.Inventory), report, cancellationToken);
            _digest.Take(report);
        }
    }

    private async Task SayAsync(OutboxContent content, CancellationToken cancellationToken)
    {
        foreach (var progress in content.Progress)
        {
            await SendAsync(nameof(IAgentHub.CommandProgressed), progress, cancellationToken);
        }

        foreach (var result in content.Results)
        {
            _ = AcknowledgeAsync(result, cancellationToken);
        }

        if (content.Usage is { } usage)
        {
            await SendAsync(nameof(IAgentHub.Usage), usage, cancellationToken);
        }

        if (content.Heartbeat)
        {
            // Invoked, not sent: the answer is the server's sign of life, whatever its own ping interval is.
            _ = BeatAsync(_host.ToHeartbeat(time.GetUtcNow().UtcDateTime, store.EngineUp, _digest.Value, engine.DataRoot), cancellationToken);
        }
    }

    private async Task SendAsync(string method, object argument, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.Send);
        await hub.SendAsync(method, argument, deadline.Token);
    }

    private async Task AcknowledgeAsync(CommandResult result, CancellationToken cancellationToken)
    {
        try
        {
            await hub.InvokeAsync(nameof(IAgentHub.CommandEnded), result, cancellationToken);
            outbox.Acknowledge(result.CommandId);
        }
        catch (Exception)
        {
            // Not taken: it is said again in the next session.
        }
    }

    private async Task BeatAsync(Heartbeat heartbeat, CancellationToken cancellationToken)
    {
        try
        {
            await hub.InvokeAsync(nameof(IAgentHub.Heartbeat), heartbeat, cancellationToken);
            acknowledged();
        }
        catch (Exception)
        {
            // A lost session is noticed by its own timeout.
        }
    }
}
