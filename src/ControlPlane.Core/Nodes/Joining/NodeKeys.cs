using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>A node's public identity.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="PublicKey">Subject public key info.</param>
/// <param name="Approved">May it open sessions?</param>
public sealed record NodeKey(string NodeId, byte[] PublicKey, bool Approved);

/// <summary>The public keys of all nodes, in memory: agents come back after a restart also while the database is slow.</summary>
public sealed class NodeKeys
{
    private readonly ConcurrentDictionary<string, NodeKey> _keys = new(StringComparer.Ordinal);

    public NodeKey? Of(string nodeId) => _keys.GetValueOrDefault(nodeId);

    public void Put(NodeKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _keys[key.NodeId] = key;
    }

    public void Remove(string nodeId) => _keys.TryRemove(nodeId, out _);

    /// <summary>Reads a P-256 key; null when the text is anything else.</summary>
    internal static byte[]? Read(string? base64)
    {
        // A P-256 key is 91 bytes; anything long is not one and need not be decoded.
        if (base64 is not { Length: > 0 and <= 256 })
        {
            return null;
        }

        try
        {
            var bytes = Convert.FromBase64String(base64);
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(bytes, out var read);
            return read == bytes.Length && IsP256(key) ? bytes : null;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static bool IsP256(ECDsa key) =>
        string.Equals(key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value, "1.2.840.10045.3.1.7", StringComparison.Ordinal);
}
