using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>Turns a host with a join token into a node.</summary>
public sealed partial class NodeJoining
{
    /// <summary>The reason of the change by which a node appears or joins again.</summary>
    internal const string JoinReason = "join";

    private const string Action = "nodes.join";
    private const int Attempts = 4;

    private readonly IDbContextFactory<ControlPlaneDb> _databases;
    private readonly ClusterState _state;
    private readonly NodeKeys _keys;
    private readonly AuditTrail _audit;
    private readonly AnonymousRefusals _refusals;
    private readonly TimeProvider _clock;
    private readonly ILogger<NodeJoining> _logger;
    private readonly FailureThrottle _throttle;

    public NodeJoining(
        IDbContextFactory<ControlPlaneDb> databases,
        ClusterState state,
        NodeKeys keys,
        AuditTrail audit,
        AnonymousRefusals refusals,
        TimeProvider clock,
        ILogger<NodeJoining> logger)
    {
        _databases = databases;
        _state = state;
        _keys = keys;
        _audit = audit;
        _refusals = refusals;
        _clock = clock;
        _logger = logger;
        _throttle = new FailureThrottle(clock);
    }

    /// <param name="caller">Anonymous, with the address.</param>
    /// <param name="request">The host's request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<JoinResponse>> JoinAsync(Caller caller, JoinRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (_throttle.IsBlocked(caller.RemoteAddress))
        {
            return new ThrottledError("join.throttled", "Too many failed joins from this address. Wait a minute.", 60);
        }

        if (Validate(request, out var key) is { } invalid)
        {
            return Refuse(caller, invalid);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await TryJoinAsync(caller, request, key, cancellationToken);
                return result.Error is { } error ? Refuse(caller, error) : result;
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                // Somebody took the name or joined with the same key at the same moment: look again.
            }
        }
    }

    private static InvalidError? Validate(JoinRequest request, out byte[] key)
    {
        var errors = new List<FieldError>();
        key = NodeKeys.Read(request.PublicKey) ?? [];
        if (key.Length == 0)
        {
            errors.Add(new FieldError("publicKey", "Subject public key info of an ECDSA P-256 key, base64."));
        }

        if (request.TokenId is not { Length: > 0 and <= 64 })
        {
            errors.Add(new FieldError("tokenId", "The id part of the join token."));
        }

        if (request.Secret is not { Length: > 0 and <= 128 })
        {
            errors.Add(new FieldError("secret", "The secret part of the join token."));
        }

        if (!NodeNames.IsValid(request.Name))
        {
            errors.Add(new FieldError("name", NodeNames.Shape));
        }

        if (request.AgentVersion is not { Length: <= 64 })
        {
            errors.Add(new FieldError("agentVersion", "A text of at most 64 characters."));
        }

        DescriptionRules.Check(request.Description, errors);
        return errors.Count > 0 ? new InvalidError(errors) : null;
    }

    private async Task<Result<JoinResponse>> TryJoinAsync(Caller caller, JoinRequest request, byte[] key, CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var now = _clock.GetUtcNow().UtcDateTime;
        var thumbprint = Convert.ToHexStringLower(SHA256.HashData(key));
        var token = await db.JoinTokens.AsNoTracking().FirstOrDefaultAsync(t => t.Id == request.TokenId, cancellationToken);
        if (!SecretFits(token, request.Secret))
        {
            return JoinTokenErrors.Unknown;
        }

        var known = await db.Nodes.AsNoTracking().FirstOrDefaultAsync(n => n.KeyThumbprint == thumbprint, cancellationToken);

        // An agent that lost the answer to its join asks again: that is no second use.
        var again = known is not null && string.Equals(known.JoinTokenId, token!.Id, StringComparison.Ordinal);
        if (JoinTokenErrors.Of(token!, now, ignoreUses: again) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!again && await UseAsync(db, token!.Id, now, cancellationToken) == 0)
        {
            var current = await db.JoinTokens.AsNoTracking().FirstOrDefaultAsync(t => t.Id == token.Id, cancellationToken);
            return current is null ? JoinTokenErrors.Unknown : JoinTokenErrors.Of(current, now, ignoreUses: false) ?? JoinTokenErrors.UsedUp;
        }

        var node = known is not null
            ? await db.Nodes.FirstAsync(n => n.Id == known.Id, cancellationToken)
            : await NewNodeAsync(db, request, key, thumbprint, token!, now, cancellationToken);
        node.JoinTokenId = token!.Id;
        node.AgentVersion = request.AgentVersion;
        if (SeenAddress.Complete(request.Description, caller.RemoteAddress) is { } description)
        {
            node.EngineId = description.EngineId;
            node.DescriptionJson = JsonSerializer.Serialize(description, AgentJson.Default.NodeDescription);
        }

        var asNode = caller with { Kind = CallerKind.Node, Id = node.Id, Name = node.Name, CredentialId = token.Id };
        _audit.Add(db, asNode, Action, new AuditObject("node", node.Id, node.Name), detail: known is null ? "joined" : "joined again");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Publish(node, key, request, now);
        return new JoinResponse(node.Id, node.Name, node.Approved, _clock.GetUtcNow().UtcDateTime);
    }

    private static bool SecretFits(JoinTokenEntity? token, string secret)
    {
        // Hashed and compared also when there is no such token: the time tells nothing.
        var shown = Encoding.ASCII.GetBytes(JoinTokenService.Hash(secret));
        var kept = Encoding.ASCII.GetBytes(token?.SecretHash ?? JoinTokenService.Hash(""));
        return CryptographicOperations.FixedTimeEquals(shown, kept) && token is not null;
    }

    private static Task<int> UseAsync(ControlPlaneDb db, string tokenId, DateTime now, CancellationToken cancellationToken) =>
        db.JoinTokens
            .Where(t => t.Id == tokenId && t.Uses < t.MaxUses && t.RevokedAt == null && t.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.Uses, t => t.Uses + 1), cancellationToken);

    private static async Task<NodeEntity> NewNodeAsync(
        ControlPlaneDb db, JoinRequest request, byte[] key, string thumbprint, JoinTokenEntity token, DateTime now, CancellationToken cancellationToken)
    {
        var taken = await db.Nodes.Select(n => n.Name).ToListAsync(cancellationToken);
        var node = new NodeEntity
        {
            Id = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Name = NodeNames.Free(request.Name, taken.ToHashSet(StringComparer.Ordinal)),
            PublicKey = Convert.ToBase64String(key),
            KeyThumbprint = thumbprint,
            LabelsJson = token.LabelsJson,
            Collection = token.Collection,
            Availability = nameof(NodeAvailability.Active),
            Approved = !token.RequireApproval,
            JoinedAt = now,
        };
        db.Nodes.Add(node);
        return node;
    }

    private void Publish(NodeEntity node, byte[] key, JoinRequest request, DateTime now)
    {
        _keys.Put(new NodeKey(node.Id, key, node.Approved));
        _state.Write(writer =>
        {
            var fresh = NodeRecords.From(node, writer.Now);
            if (writer.Node(node.Id) is { } old)
            {
                writer.Put(old with { Revision = fresh.Revision, AgentVersion = fresh.AgentVersion, ClockSkew = request.AgentTime.ToUniversalTime() - now }, JoinReason);
                return;
            }

            writer.Put(
                fresh with
                {
                    StateReason = node.Approved ? "Joined; the agent has not connected yet." : "Waits for approval.",
                    ClockSkew = request.AgentTime.ToUniversalTime() - now,
                },
                JoinReason);
        });

        LogJoined(node.Name, node.Id, node.Approved);
        var twin = request.Description is { } description
            ? _state.Current.Nodes.Values.FirstOrDefault(other =>
                !string.Equals(other.Id, node.Id, StringComparison.Ordinal)
                && string.Equals(other.Description?.EngineId, description.EngineId, StringComparison.Ordinal))
            : null;
        if (twin is not null)
        {
            LogSameEngine(node.Name, twin.Name);
        }
    }

    private Error Refuse(Caller caller, Error error)
    {
        _throttle.Failed(caller.RemoteAddress);
        _refusals.Count(caller, Action);
        LogRefused(caller.RemoteAddress ?? "?", error.Code);
        return error;
    }

    [LoggerMessage(LogLevel.Information, "Node {Name} ({NodeId}) joined; approved: {Approved}.")]
    private partial void LogJoined(string name, string nodeId, bool approved);

    [LoggerMessage(LogLevel.Warning, "Node {Name} reports the same engine as node {Other}: one of the two is left over or copied.")]
    private partial void LogSameEngine(string name, string other);

    [LoggerMessage(LogLevel.Warning, "A join from {Address} was refused: {Code}.")]
    private partial void LogRefused(string address, string code);
}
