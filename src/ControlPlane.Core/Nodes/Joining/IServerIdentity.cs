using ControlPlane.Core.Certificates;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>What an agent can check about this server before it sends a secret.</summary>
public interface IServerIdentity
{
    /// <summary>SHA-256 over the subject public key info of the certificate authority, 64 lower-case hex digits.</summary>
    string KeyDigest { get; }
}

/// <summary>The server's own certificate authority, or what a given chain says.</summary>
internal sealed class CertificateIdentity(CertificateAuthority authority) : IServerIdentity
{
    public string KeyDigest => authority.KeyDigest;
}
