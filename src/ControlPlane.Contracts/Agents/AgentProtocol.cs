namespace ControlPlane.Contracts.Agents;

/// <summary>What both ends of the agent protocol must agree on.</summary>
public static class AgentProtocol
{
    /// <summary>Version of the session protocol; a server refuses an agent of another major version with a reason.</summary>
    public const int Version = 2;

    /// <summary>Where an agent joins (HTTP POST, <see cref="JoinRequest"/> → <see cref="JoinResponse"/>).</summary>
    public const string JoinPath = "/agent/v1/join";

    /// <summary>Where an agent asks for a nonce (HTTP POST, <see cref="ChallengeRequest"/> → <see cref="ChallengeResponse"/>).</summary>
    public const string ChallengePath = "/agent/v1/challenge";

    /// <summary>Where an agent shows the signed nonce (HTTP POST, <see cref="TicketRequest"/> → <see cref="TicketResponse"/>).</summary>
    public const string TicketPath = "/agent/v1/ticket";

    /// <summary>The SignalR hub of the session; the ticket travels as bearer token.</summary>
    public const string SessionPath = "/agent/v1/session";

    /// <summary>The WebSocket of one tunnel; <see cref="Welcome.TunnelKey"/> travels as bearer token.</summary>
    public const string TunnelPath = "/agent/v1/tunnel";

    /// <summary>Containers per <see cref="InventoryReport"/> part: keeps one message far below <see cref="MaxMessageBytes"/>.</summary>
    public const int InventoryPartSize = 100;

    /// <summary>Largest hub message either side accepts, in bytes.</summary>
    public const int MaxMessageBytes = 4 * 1024 * 1024;

    /// <summary>The engine label that carries a container's cluster id.</summary>
    public const string ClusterIdLabel = "controlplane.id";

    /// <summary>The text that a node signs (UTF-8, ECDSA P-256 with SHA-256, IEEE P1363 form) to prove who it is.</summary>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="nonce">The server's nonce.</param>
    /// <returns>The text to sign.</returns>
    public static string SignedText(string nodeId, string nonce) => $"controlplane-session-v1\n{nodeId}\n{nonce}";
}
