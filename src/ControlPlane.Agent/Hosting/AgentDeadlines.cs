using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Hosting;

/// <summary>Every wait of the agent on the outside, in one place. Tests shorten them.</summary>
internal sealed record AgentDeadlines
{
    /// <summary>TCP and TLS to the server. Short: while a network is cut an attempt must not outlast the cut.</summary>
    public TimeSpan ServerConnect { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>One request to the server: join, challenge, ticket.</summary>
    public TimeSpan ServerRequest { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>SignalR handshake, and the answer to hello.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One message into the session; a server that reads nothing for so long is gone.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The server is silent (not even an answer to a heartbeat) at least so long before the session counts as lost.</summary>
    public TimeSpan MinimumServerSilence { get; init; } = TimeSpan.FromSeconds(9);

    /// <summary>First wait before a new session.</summary>
    public TimeSpan ReconnectFirst { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait before a new session.</summary>
    public TimeSpan ReconnectLongest { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to ask whether a person has approved the node.</summary>
    public TimeSpan ApprovalPoll { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Orderly end of a session.</summary>
    public TimeSpan Shutdown { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The engine's <c>_ping</c>; decides EngineUp.</summary>
    public TimeSpan EnginePing { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often to ping the engine.</summary>
    public TimeSpan EnginePingPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>One read of the engine: info, inspect, a list of images.</summary>
    public TimeSpan EngineRead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A full list with all its inspects; a node may hold a thousand containers.</summary>
    public TimeSpan EngineFullRead { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First and longest wait before the engine's event stream is opened again.</summary>
    public TimeSpan EngineRetryFirst { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc cref="EngineRetryFirst"/>
    public TimeSpan EngineRetryLongest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A pull that delivers nothing for so long has failed.</summary>
    public TimeSpan PullIdle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The inspect after a command; its own, so that a command that used its time up still reports.</summary>
    public TimeSpan CommandInspect { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The list after a command that changed images, networks or volumes; its own, as above.</summary>
    public TimeSpan CommandList { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The engine's response head for a request through a tunnel.</summary>
    public TimeSpan TunnelEngineHead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same where it walks file systems first.</summary>
    public TimeSpan TunnelSizesHead { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>The same where it asks a registry first.</summary>
    public TimeSpan TunnelRegistryHead { get; init; } = TimeSpan.FromSeconds(115);

    /// <summary>The same where it unpacks, packs or builds first; counts from the end of the request's body.</summary>
    public TimeSpan TunnelTransferHead { get; init; } = TimeSpan.FromSeconds(595);

    /// <summary>The server's end of a request after the agent's own.</summary>
    public TimeSpan TunnelEnd { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Keep-alive of a tunnel; without a pong for the same time it is dropped.</summary>
    public TimeSpan TunnelKeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan EngineHead(TunnelPace pace) => pace switch
    {
        TunnelPace.Sizes => TunnelSizesHead,
        TunnelPace.Registry => TunnelRegistryHead,
        TunnelPace.Transfer => TunnelTransferHead,
        _ => TunnelEngineHead,
    };
}
