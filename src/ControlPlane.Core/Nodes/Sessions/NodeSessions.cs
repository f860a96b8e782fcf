using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Nodes.Usage;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>Opens, feeds and ends the sessions of agents. The hub translates; what a message means is decided here.</summary>
public sealed partial class NodeSessions(
    ClusterState state,
    NodeKeys keys,
    NodeLinks links,
    NodeMonitor monitor,
    InventoryApplier applier,
    NodeSyncs syncs,
    UsageWatch usage,
    IEventSink sink,
    NodeMetrics metrics,
    IServerIdentity identity,
    TimeProvider clock,
    ILogger<NodeSessions> logger)
{
    /// <summary>Idle tunnels an agent keeps open: enough for a page with logs and numbers without a wait.</summary>
    private const int WarmTunnels = 2;

    private readonly ConcurrentDictionary<string, NodeSession> _byTunnelKey = new(StringComparer.Ordinal);

    /// <summary>The session whose tunnels show this key.</summary>
    public NodeSession? ByTunnelKey(string key) => _byTunnelKey.GetValueOrDefault(key);

    /// <summary>The first message of an agent.</summary>
    public Result<(NodeSession Session, Welcome Welcome)> Open(string nodeId, Hello hello, IAgentConnection connection)
    {
        ArgumentNullException.ThrowIfNull(hello);
        if (hello.ProtocolVersion != AgentProtocol.Version)
        {
            return new ConflictError(
                "agent.protocol_version",
                $"The agent speaks version {hello.ProtocolVersion} of the session protocol, this server version {AgentProtocol.Version}. Install the agent of the server's release.");
        }

        var errors = new List<FieldError>();
        DescriptionRules.Check(hello.Description, errors);
        if (hello.InstanceId is not { Length: > 0 and <= 128 } || hello.AgentVersion is not { Length: <= 64 } || errors.Count > 0)
        {
            return new InvalidError(errors.Count > 0 ? errors : [new FieldError("instanceId", "1 to 128 characters.")]);
        }

        // Looked up again: the node may have been removed since its ticket was made.
        if (keys.Of(nodeId) is not { Approved: true } || state.Current.Node(nodeId) is not { } record)
        {
            return new NotFoundError("node.unknown", "This server knows no such node: it was removed, or never joined here.");
        }

        var period = monitor.Period(state.Current.Nodes.Count);
        var session = new NodeSession(
            nodeId,
            Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"),
            RandomNumberGenerator.GetHexString(64, lowercase: true),
            hello.InstanceId,
            monitor.LeaseTime(period),
            connection,
            clock);
        var description = SeenAddress.Complete(hello.Description, connection.RemoteAddress);
        Describe(session, hello, description);
        Seen(session, description, hello.AgentVersion);
        syncs.Set(nodeId, hello.CommandsInFlight);
        _byTunnelKey[session.TunnelKey] = session;
        var replaced = Replace(session);
        monitor.Opened(session, hello.Description is not null);
        metrics.SessionOpened();
        LogOpened(record.Name, nodeId, session.SessionId, replaced);
        var welcome = new Welcome(
            session.SessionId, session.TunnelKey, (int)period.TotalMilliseconds, WarmTunnels, record.Name, clock.GetUtcNow().UtcDateTime,
            identity.TrustedKeys);
        return (session, welcome);
    }

    public void Close(NodeSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        _byTunnelKey.TryRemove(session.TunnelKey, out _);
        session.Dispose();
        monitor.Closed(session);
        if (links.Detach(session))
        {
            LogClosed(session.NodeId, session.SessionId);
        }
    }

    public void Heartbeat(NodeSession session, Heartbeat heartbeat)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(heartbeat);
        if (!IsCurrent(session) || state.Current.Node(session.NodeId) is not { } node)
        {
            return;
        }

        node.Pulse.Set(new NodeUsage(
            clock.GetUtcNow().UtcDateTime,
            heartbeat.CpuPercent,
            heartbeat.MemoryUsedBytes,
            heartbeat.MemoryTotalBytes,
            heartbeat.DiskUsedBytes,
            heartbeat.DiskTotalBytes));
        monitor.Beat(session, heartbeat.EngineUp);
        if (session.IsDueForNote())
        {
            Seen(session, null, null);
        }

        if (session.Inventory.Full && !session.Inventory.Collecting && heartbeat.EngineUp
            && heartbeat.Digest != session.Inventory.Digest && session.MayAskForResync())
        {
            metrics.DigestMismatch();
            LogDrift(session.NodeId);
            Forget(session.ResyncAsync(session.Ended), session);
        }
    }

    public void Describe(NodeSession session, NodeDescription description)
    {
        ArgumentNullException.ThrowIfNull(session);
        var errors = new List<FieldError>();
        DescriptionRules.Check(description, errors);
        if (!IsCurrent(session) || errors.Count > 0)
        {
            return;
        }

        description = SeenAddress.Complete(description, session.RemoteAddress);
        Seen(session, description, null);
        state.Write(writer =>
        {
            if (writer.Node(session.NodeId) is { } node)
            {
                writer.Put(node with { Description = description, Labels = NodeRecords.Merge(description, node.ServerLabels) }, "describe");
            }
        });
    }

    public void Inventory(NodeSession session, InventoryReport report)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!IsCurrent(session))
        {
            return;
        }

        if (!applier.Apply(session, report))
        {
            LogOversized(session.NodeId);
            session.Abort();
            return;
        }

        if (report is { Full: true, Last: true })
        {
            session.Synced();
            monitor.Check(session.NodeId);
            usage.Refresh(session.NodeId);
        }
    }

    public void CommandEnded(NodeSession session, CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(result);
        if (!IsCurrent(session))
        {
            return;
        }

        if (result.Container is { } container)
        {
            applier.ApplyResult(session, container);
        }

        syncs.Ended(session.NodeId, result.CommandId);
        links.Complete(session.NodeId, result);
    }

    public void CommandProgressed(NodeSession session, CommandProgress progress)
    {
        ArgumentNullException.ThrowIfNull(session);
        links.Progress(session.NodeId, progress);
    }

    public void Usage(NodeSession session, UsageReport report)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(report);
        if (!IsCurrent(session))
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var snapshot = state.Current;
        foreach (var sample in report.Containers.Take(UsageWatch.MaxPerNode))
        {
            if (snapshot.Container(sample.EngineId) is { } container && string.Equals(container.NodeId, session.NodeId, StringComparison.Ordinal))
            {
                container.Pulse.Set(new ContainerSample(now, sample));
            }
        }
    }

    private void Seen(NodeSession session, NodeDescription? description, string? agentVersion) => sink.Seen(
        session.NodeId,
        clock.GetUtcNow().UtcDateTime,
        description is null ? null : JsonSerializer.Serialize(description, AgentJson.Default.NodeDescription),
        agentVersion,
        description?.EngineId);

    private bool IsCurrent(NodeSession session) => ReferenceEquals(links.Of(session.NodeId), session);

    private void Describe(NodeSession session, Hello hello, NodeDescription? description) => state.Write(writer =>
    {
        if (writer.Node(session.NodeId) is { } node)
        {
            writer.Put(
                node with
                {
                    AgentVersion = hello.AgentVersion,
                    ClockSkew = hello.AgentTime.ToUniversalTime() - writer.Now,
                    Description = description ?? node.Description,
                    Labels = NodeRecords.Merge(description ?? node.Description, node.ServerLabels),
                    Synced = false,
                },
                "hello");
        }
    });

    private bool Replace(NodeSession session)
    {
        var before = links.Of(session.NodeId) as NodeSession;
        var twin = before is not null && !string.Equals(before.InstanceId, session.InstanceId, StringComparison.Ordinal) && monitor.IsAlive(before);
        if (links.Attach(session) is not NodeSession old)
        {
            return false;
        }

        _byTunnelKey.TryRemove(old.TunnelKey, out _);
        if (twin)
        {
            monitor.MarkDuplicate(session.NodeId);
        }

        // A copy that came back would replace this one in turn, for ever: it is told to stay away.
        Forget(
            old.EndAsync(new SessionEnd("session.replaced", "Another session of this node has begun.", Reconnect: !twin), CancellationToken.None),
            old);
        return true;
    }

    private void Forget(Task sending, NodeSession session)
    {
        _ = WatchAsync();

        async Task WatchAsync()
        {
            try
            {
                await sending;
            }
            catch (Exception exception)
            {
                LogSendFailed(session.NodeId, exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Node {Name} ({NodeId}) opened session {SessionId}; it replaces another: {Replaced}.")]
    private partial void LogOpened(string name, string nodeId, string sessionId, bool replaced);

    [LoggerMessage(LogLevel.Information, "Session {SessionId} of node {NodeId} ended.")]
    private partial void LogClosed(string nodeId, string sessionId);

    [LoggerMessage(LogLevel.Warning, "The inventory of node {NodeId} differs from what was reported; asking for all of it.")]
    private partial void LogDrift(string nodeId);

    [LoggerMessage(LogLevel.Error, "Node {NodeId} reports more than a node can hold; its session is cut.")]
    private partial void LogOversized(string nodeId);

    [LoggerMessage(LogLevel.Information, "A message to node {NodeId} was not delivered: {Cause}")]
    private partial void LogSendFailed(string nodeId, string cause);
}
