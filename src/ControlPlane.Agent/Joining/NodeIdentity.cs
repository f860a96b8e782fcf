using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Joining;

/// <summary>Who this node is, kept in the data directory.</summary>
/// <param name="NodeId">Null until the server has accepted the join; the key exists before, so that a repeated join is the same node.</param>
/// <param name="Name">The node's name when it joined.</param>
/// <param name="Server">Address of the server.</param>
/// <param name="KeyDigest">SHA-256 of the server's CA key, hex; 64 zeros = a publicly trusted chain.</param>
/// <param name="PrivateKey">The node's ECDSA P-256 key, PKCS#8 in base64.</param>
/// <param name="TrustedKeys">Digests that count in the place of <paramref name="KeyDigest"/>, since a server or an operator has said so.</param>
internal sealed record NodeIdentity(
    string? NodeId, string? Name, string Server, string KeyDigest, string PrivateKey, IReadOnlyList<string>? TrustedKeys = null)
{
    /// <summary>What counts.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Keys => TrustedKeys is { Count: > 0 } ? TrustedKeys : [KeyDigest];

    public override string ToString() => $"NodeIdentity {Name} ({NodeId})";
}
