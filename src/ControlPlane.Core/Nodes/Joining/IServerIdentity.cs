namespace ControlPlane.Core.Nodes.Joining;

/// <summary>What an agent can check about this server before it sends a secret.</summary>
public interface IServerIdentity
{
    /// <summary>SHA-256 over the subject public key info of the certificate authority, 64 lower-case hex digits, or <see cref="Contracts.Agents.JoinToken.PublicTrust"/>.</summary>
    string KeyDigest { get; }

    /// <summary>All that agents are to accept from now on, the one in use among them.</summary>
    IReadOnlyList<string> TrustedKeys { get; }
}
