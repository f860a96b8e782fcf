namespace ControlPlane.Contracts.Agents;

/// <summary>An agent's request to become a node. Sent only after the server's chain was checked against the digest in the join token.</summary>
/// <param name="TokenId">Id part of the join token.</param>
/// <param name="Secret">Secret part of the join token.</param>
/// <param name="PublicKey">Subject public key info of the node's ECDSA P-256 key, base64.</param>
/// <param name="Name">The name the host asks for; the server may add a suffix when it is taken.</param>
/// <param name="Description">The node as its agent sees it; null when the engine is away.</param>
/// <param name="AgentVersion">Version of the agent.</param>
/// <param name="AgentTime">The host's clock, UTC, for the skew report.</param>
public sealed record JoinRequest(
    string TokenId,
    string Secret,
    string PublicKey,
    string Name,
    NodeDescription? Description,
    string AgentVersion,
    DateTime AgentTime);

/// <summary>The answer to a join.</summary>
/// <param name="NodeId">Durable id of the node.</param>
/// <param name="Name">The node's name in the cluster.</param>
/// <param name="Approved">False while a person has to approve the node; the agent may connect only afterwards.</param>
/// <param name="ServerTime">The server's clock, UTC.</param>
public sealed record JoinResponse(string NodeId, string Name, bool Approved, DateTime ServerTime);

/// <summary>Asks for a nonce.</summary>
/// <param name="NodeId">The node's id.</param>
public sealed record ChallengeRequest(string NodeId);

/// <summary>A nonce, good once and for 30 seconds of the server's clock.</summary>
/// <param name="Nonce">Random text.</param>
/// <param name="ServerTime">The server's clock, UTC.</param>
public sealed record ChallengeResponse(string Nonce, DateTime ServerTime);

/// <summary>The nonce, signed; see <see cref="AgentProtocol.SignedText"/>.</summary>
/// <param name="NodeId">The node's id.</param>
/// <param name="Nonce">The server's nonce.</param>
/// <param name="Signature">Base64 of the signature.</param>
public sealed record TicketRequest(string NodeId, string Nonce, string Signature);

/// <summary>A ticket that opens one session within 30 seconds.</summary>
/// <param name="Ticket">Opaque bearer text.</param>
public sealed record TicketResponse(string Ticket);

/// <summary>Why the server refused an agent; the body of every 4xx under <c>/agent/v1</c>.</summary>
/// <param name="Code">Stable code, e.g. <c>join_token.expired</c>, <c>node.unknown</c>, <c>node.not_approved</c>, <c>agent.protocol_version</c>.</param>
/// <param name="Message">A sentence that names the cause and the fix.</param>
public sealed record AgentRefusal(string Code, string Message);
