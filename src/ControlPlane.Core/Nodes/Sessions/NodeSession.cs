using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes.Links;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>
/// One connection of one agent, from its hello to its end. The hub calls it in the order of the agent's messages, one at a time.
/// </summary>
public sealed class NodeSession : INodeLink, IDisposable
{
    /// <summary>How long a message to an agent may wait for its connection: a frozen one delays nobody longer.</summary>
    private static readonly TimeSpan SendDeadline = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan NotePeriod = TimeSpan.FromMinutes(1);

    private readonly IAgentConnection _connection;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ended = new();
    private long _notedAt;
    private long? _resyncAskedAt;
    private int _disposed;

    internal NodeSession(
        string nodeId, string sessionId, string tunnelKey, string instanceId, TimeSpan leaseTime, IAgentConnection connection, TimeProvider clock)
    {
        NodeId = nodeId;
        SessionId = sessionId;
        TunnelKey = tunnelKey;
        InstanceId = instanceId;
        LeaseTime = leaseTime;
        _connection = connection;
        _clock = clock;
        _notedAt = clock.GetTimestamp();
        Ended = _ended.Token;
        Inventory = new SessionInventory();
    }

    public string NodeId { get; }

    public string SessionId { get; }

    /// <summary>Cancelled when the session is over: what hangs on it (tunnels) ends too.</summary>
    public CancellationToken Ended { get; }

    internal string TunnelKey { get; }

    internal string InstanceId { get; }

    /// <summary>How long it may be silent before it has missed two heartbeats.</summary>
    internal TimeSpan LeaseTime { get; }

    /// <summary>Where the agent calls from; null when that is not known.</summary>
    internal string? RemoteAddress => _connection.RemoteAddress;

    internal SessionInventory Inventory { get; }

    /// <summary>At most one request for everything per two leases: the answer takes its time.</summary>
    internal bool MayAskForResync()
    {
        if (_resyncAskedAt is { } asked && _clock.GetElapsedTime(asked) < LeaseTime * 2)
        {
            return false;
        }

        _resyncAskedAt = _clock.GetTimestamp();
        return true;
    }

    /// <summary>Once a minute: when the node was last seen is written behind.</summary>
    internal bool IsDueForNote()
    {
        if (_clock.GetElapsedTime(_notedAt) < NotePeriod)
        {
            return false;
        }

        _notedAt = _clock.GetTimestamp();
        return true;
    }

    internal void Synced() => _resyncAskedAt = null;

    public Task SendAsync(AgentCommand command, CancellationToken cancellationToken) =>
        Bound(_connection.Agent.Command(new CommandEnvelope(command)), cancellationToken);

    public Task CancelCommandAsync(string commandId, CancellationToken cancellationToken) =>
        Bound(_connection.Agent.CancelCommand(commandId), cancellationToken);

    public Task WatchUsageAsync(IReadOnlyList<string> engineIds, CancellationToken cancellationToken) =>
        Bound(_connection.Agent.WatchUsage(engineIds), cancellationToken);

    public Task ResyncAsync(CancellationToken cancellationToken) => Bound(_connection.Agent.Resync(), cancellationToken);

    public Task OpenTunnelsAsync(int count, CancellationToken cancellationToken) => Bound(_connection.Agent.OpenTunnels(count), cancellationToken);

    /// <summary>Says why, then cuts the connection; a second at most.</summary>
    public async Task EndAsync(SessionEnd end, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.Agent.End(end).WaitAsync(TimeSpan.FromSeconds(1), _clock, cancellationToken);

            // The agent hangs up when it has read the reason; one that does not is cut.
            await Task.Delay(TimeSpan.FromMilliseconds(300), _clock, Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception)
        {
            // It cannot be told any more; it is cut all the same.
        }

        Abort();
    }

    public void Abort() => _connection.Abort();

    /// <summary>The session is over; harmless twice.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ended.Cancel();
            _ended.Dispose();
        }
    }

    private Task Bound(Task send, CancellationToken cancellationToken) =>
        send.IsCompleted ? send : send.WaitAsync(SendDeadline, _clock, cancellationToken);
}
