using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>
/// Nonce → signature → ticket. Nonces carry their own time and a keyed hash, so that strangers who ask for many cost no memory; only
/// used ones are remembered, and those need a node's signature.
/// </summary>
public sealed class AgentTickets(NodeKeys keys, TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private const int MacBytes = 32;
    private const int RandomBytes = 16;
    private const int SweepAbove = 4096;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly long _start = clock.GetTimestamp();
    private readonly ConcurrentDictionary<string, TimeSpan> _usedNonces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);

    private TimeSpan Now => clock.GetElapsedTime(_start);

    public Result<ChallengeResponse> Challenge(ChallengeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Find(request.NodeId).Error is { } refusal)
        {
            return refusal;
        }

        Span<byte> nonce = stackalloc byte[8 + RandomBytes + MacBytes];
        BitConverter.TryWriteBytes(nonce, Now.Ticks);
        RandomNumberGenerator.Fill(nonce.Slice(8, RandomBytes));
        Mac(request.NodeId, nonce[..(8 + RandomBytes)], nonce[(8 + RandomBytes)..]);
        return new ChallengeResponse(Base64Url.EncodeToString(nonce), clock.GetUtcNow().UtcDateTime);
    }

    public Result<TicketResponse> Issue(TicketRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var found = Find(request.NodeId);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (!IsFresh(request.NodeId, request.Nonce))
        {
            return new UnauthenticatedError("challenge.invalid", "The nonce is not ours, is older than 30 seconds or was used before. Ask for a new one.");
        }

        if (!IsSigned(found.Value, request))
        {
            return new UnauthenticatedError("signature.invalid", "The signature does not fit the key that this node joined with.");
        }

        if (!_usedNonces.TryAdd(request.Nonce, Now + Life))
        {
            return new UnauthenticatedError("challenge.invalid", "The nonce was used before. Ask for a new one.");
        }

        Sweep();
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        _tickets[text] = new Ticket(request.NodeId, Now + Life);
        return new TicketResponse(text);
    }

    /// <summary>The node that a ticket was made for, without using it up (a transport's negotiation).</summary>
    public string? Peek(string ticket) => _tickets.TryGetValue(ticket, out var known) && known.Until > Now ? known.NodeId : null;

    /// <summary>The node that a ticket was made for; a ticket is good once.</summary>
    public string? Redeem(string ticket) => _tickets.TryRemove(ticket, out var known) && known.Until > Now ? known.NodeId : null;

    private Result<NodeKey> Find(string? nodeId) => keys.Of(nodeId ?? "") switch
    {
        null => new NotFoundError("node.unknown", "This server knows no such node: it was removed, or never joined here. Join again with a new join token."),
        { Approved: false } => new ForbiddenError("node.not_approved", "The node waits for an administrator's approval."),
        var key => key,
    };

    private bool IsFresh(string nodeId, string? nonce)
    {
        Span<byte> bytes = stackalloc byte[8 + RandomBytes + MacBytes];
        if (nonce is not { Length: <= 128 } || !Base64Url.TryDecodeFromChars(nonce, bytes, out var read) || read != bytes.Length)
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(nodeId, bytes[..(8 + RandomBytes)], mac);
        var age = Now - TimeSpan.FromTicks(BitConverter.ToInt64(bytes));

        // The text must be the one we made: another spelling of the same bytes would pass as unused.
        return CryptographicOperations.FixedTimeEquals(mac, bytes[(8 + RandomBytes)..])
            && age >= TimeSpan.Zero && age <= Life
            && string.Equals(Base64Url.EncodeToString(bytes), nonce, StringComparison.Ordinal)
            && !_usedNonces.ContainsKey(nonce);
    }

    private static bool IsSigned(NodeKey node, TicketRequest request)
    {
        if (request.Signature is not { Length: > 0 and <= 128 })
        {
            return false;
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(node.PublicKey, out _);
            return key.VerifyData(
                Encoding.UTF8.GetBytes(AgentProtocol.SignedText(request.NodeId, request.Nonce)),
                Convert.FromBase64String(request.Signature),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return false;
        }
    }

    private void Mac(string nodeId, ReadOnlySpan<byte> head, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(head);
        hash.AppendData(Encoding.UTF8.GetBytes(nodeId));
        hash.GetHashAndReset(mac);
    }

    private void Sweep()
    {
        if (_usedNonces.Count + _tickets.Count < SweepAbove)
        {
            return;
        }

        var now = Now;
        foreach (var (nonce, until) in _usedNonces)
        {
            if (until <= now)
            {
                _usedNonces.TryRemove(nonce, out _);
            }
        }

        foreach (var (text, ticket) in _tickets)
        {
            if (ticket.Until <= now)
            {
                _tickets.TryRemove(text, out _);
            }
        }
    }

    private sealed record Ticket(string NodeId, TimeSpan Until);
}
