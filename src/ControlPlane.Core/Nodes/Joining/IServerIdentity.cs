namespace ControlPlane.Core.Nodes.Joining;

/// <summary>What an agent can check about this server before it sends a secret.</summary>
public interface IServerIdentity
{
    /// <summary>SHA-256 over the subject public key info of the certificate authority, 64 lower-case hex digits.</summary>
    string KeyDigest { get; }
}
