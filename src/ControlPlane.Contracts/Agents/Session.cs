namespace ControlPlane.Contracts.Agents;

/// <summary>First message of a session.</summary>
/// <param name="ProtocolVersion"><see cref="AgentProtocol.Version"/> of the agent.</param>
/// <param name="AgentVersion">Version of the agent.</param>
/// <param name="InstanceId">New for each agent process: tells a restarted agent from a copied identity.</param>
/// <param name="AgentTime">The host's clock, UTC.</param>
/// <param name="Description">The node; null while the engine is away.</param>
/// <param name="CommandsInFlight">Ids of commands that the agent still works on.</param>
public sealed record Hello(
    int ProtocolVersion,
    string AgentVersion,
    string InstanceId,
    DateTime AgentTime,
    NodeDescription? Description,
    IReadOnlyList<string> CommandsInFlight);

/// <summary>The server's answer to <see cref="Hello"/>.</summary>
/// <param name="SessionId">New for each session.</param>
/// <param name="TunnelKey">Bearer key for tunnels; dies with the session.</param>
/// <param name="HeartbeatMilliseconds">How often to send a <see cref="Heartbeat"/>.</param>
/// <param name="WarmTunnels">How many idle tunnels to keep open, 0 to 8.</param>
/// <param name="NodeName">The node's current name.</param>
/// <param name="ServerTime">The server's clock, UTC.</param>
/// <param name="TrustedKeys">
/// Key digests, as in join tokens, that the agent is to accept from now on: the one in use, and those that the server may change to. Null from an older server.
/// </param>
public sealed record Welcome(
    string SessionId,
    string TunnelKey,
    int HeartbeatMilliseconds,
    int WarmTunnels,
    string NodeName,
    DateTime ServerTime,
    IReadOnlyList<string>? TrustedKeys = null);

/// <summary>The periodic sign of life. Never written to the database.</summary>
/// <param name="AgentTime">The host's clock, UTC.</param>
/// <param name="EngineUp">False when the engine did not answer within its deadline.</param>
/// <param name="Digest"><see cref="InventoryDigest"/> over what the agent has reported; differs from the server's = resync.</param>
/// <param name="CpuPercent">CPU use of the host, 0 to 100 × CPUs.</param>
/// <param name="MemoryUsedBytes">Memory in use on the host.</param>
/// <param name="MemoryTotalBytes">Memory of the host.</param>
/// <param name="DiskUsedBytes">Used bytes of the file system with the engine's data; 0 when unknown.</param>
/// <param name="DiskTotalBytes">Size of that file system; 0 when unknown.</param>
public sealed record Heartbeat(
    DateTime AgentTime,
    bool EngineUp,
    ulong Digest,
    double CpuPercent,
    long MemoryUsedBytes,
    long MemoryTotalBytes,
    long DiskUsedBytes,
    long DiskTotalBytes);

/// <summary>Why the server ends a session.</summary>
/// <param name="Code">Stable code: <c>node.removed</c>, <c>session.replaced</c>, <c>agent.protocol_version</c>, <c>server.stopping</c>.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Reconnect">False when there is no point in trying again.</param>
public sealed record SessionEnd(string Code, string Message, bool Reconnect);

/// <summary>Methods of the server that an agent calls over the session.</summary>
public interface IAgentHub
{
    /// <summary>Opens the session; must be the first call.</summary>
    Task<Welcome> Hello(Hello hello);

    /// <summary>Sign of life.</summary>
    Task Heartbeat(Heartbeat heartbeat);

    /// <summary>The engine's description changed or became known.</summary>
    Task Describe(NodeDescription description);

    /// <summary>Full inventory or a change of it, in order.</summary>
    Task Inventory(InventoryReport report);

    /// <summary>The end of a command; after the inventory change that it caused.</summary>
    Task CommandEnded(CommandResult result);

    /// <summary>Progress of a long command.</summary>
    Task CommandProgressed(CommandProgress progress);

    /// <summary>Usage of the containers that somebody looks at.</summary>
    Task Usage(UsageReport report);
}

/// <summary>Methods of the agent that the server calls over the session.</summary>
public interface IAgentClient
{
    /// <summary>Runs a command; its end comes back by <see cref="IAgentHub.CommandEnded"/>.</summary>
    Task Command(CommandEnvelope envelope);

    /// <summary>Gives up on a command if it has not changed anything yet (a pull).</summary>
    Task CancelCommand(string commandId);

    /// <summary>Sends the full inventory again.</summary>
    Task Resync();

    /// <summary>Which containers (engine ids) to report usage of; replaces the previous set.</summary>
    Task WatchUsage(IReadOnlyList<string> engineIds);

    /// <summary>Opens so many more tunnels now: the idle ones are used up.</summary>
    Task OpenTunnels(int count);

    /// <summary>The server ends the session.</summary>
    Task End(SessionEnd end);
}
