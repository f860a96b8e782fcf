using System.Security.Cryptography;
using System.Text;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>What somebody asks of a new join token.</summary>
public sealed record NewJoinToken
{
    public string Name { get; init; } = "";
    public int ExpiresInSeconds { get; init; } = 3600;
    public int Uses { get; init; } = 1;
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
    public bool RequireApproval { get; init; }

    /// <summary>The collection its nodes join; null = <c>/Shared</c>.</summary>
    public string? Collection { get; init; }
}

/// <summary>A join token as people see it: never with its secret.</summary>
public sealed record JoinTokenView(
    string Id, string Name, IReadOnlyDictionary<string, string> Labels, DateTime CreatedAt, string CreatedBy, DateTime ExpiresAt,
    int MaxUses, int Uses, bool RequireApproval, DateTime? RevokedAt, string State, string Collection);

/// <summary>A token just made; the only time that its text is known.</summary>
public sealed record IssuedJoinToken(JoinTokenView Token, string Text);

/// <summary>Makes, lists and revokes join tokens.</summary>
public sealed class JoinTokenService(
    IDbContextFactory<ControlPlaneDb> databases, AccessGate gate, Authorizer authorizer, AccessStore access, AuditTrail audit, IServerIdentity server, TimeProvider clock)
{
    private const int MinSeconds = 60;
    private const int MaxSeconds = 30 * 24 * 3600;
    private const int MaxUses = 1000;
    private const int MaxName = 100;

    public async Task<Result<IssuedJoinToken>> CreateAsync(Caller caller, NewJoinToken wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var target = new AuditObject("join_token", "", Short(wanted.Name));
        if (await gate.RequireAsync(caller, Permission.JoinTokensCreate, Collections.System, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (Validate(wanted) is { } invalid)
        {
            return invalid;
        }

        var collection = wanted.Collection ?? Collections.Shared;
        if (!access.Current.Collections.ContainsKey(collection))
        {
            return new InvalidError("collection", "There is no such collection.");
        }

        var token = JoinToken.Create(server.KeyDigest);
        var now = clock.GetUtcNow().UtcDateTime;
        var entity = new JoinTokenEntity
        {
            Id = token.Id,
            SecretHash = Hash(token.Secret),
            Name = wanted.Name,
            LabelsJson = NodeRecords.WriteLabels(wanted.Labels),
            CreatedAt = now,
            CreatedBy = caller.Name,
            ExpiresAt = now.AddSeconds(wanted.ExpiresInSeconds),
            MaxUses = wanted.Uses,
            RequireApproval = wanted.RequireApproval,
            Collection = collection,
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.JoinTokens.Add(entity);
        audit.Add(
            db, caller, Permission.JoinTokensCreate, new AuditObject("join_token", entity.Id, entity.Name),
            details: AuditDetails.Asked(wanted with { Collection = collection }));
        await db.SaveChangesAsync(cancellationToken);
        return new IssuedJoinToken(View(entity, now), token.ToString());
    }

    public async Task<Result<IReadOnlyList<JoinTokenView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.JoinTokensRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.JoinTokens.AsNoTracking().OrderByDescending(t => t.CreatedAt).ThenBy(t => t.Id).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        return rows.ConvertAll(row => View(row, now));
    }

    /// <summary>Revoking twice is done once.</summary>
    public async Task<Result<Done>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var target = new AuditObject("join_token", Short(id));
        if (await gate.RequireAsync(caller, Permission.JoinTokensRevoke, Collections.System, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var entity = await db.JoinTokens.FirstOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (entity is null)
        {
            return new NotFoundError("join_token.not_found", "There is no such join token.");
        }

        if (entity.RevokedAt is null)
        {
            // Uses is counted by others at the same time: only this column is written.
            entity.RevokedAt = clock.GetUtcNow().UtcDateTime;
            audit.Add(db, caller, Permission.JoinTokensRevoke, target with { Name = entity.Name });
            await db.SaveChangesAsync(cancellationToken);
        }

        return Done.Value;
    }

    internal static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static InvalidError? Validate(NewJoinToken wanted)
    {
        var errors = new List<FieldError>();
        if (wanted.Name is null || wanted.Name.Length > MaxName || wanted.Name.Any(char.IsControl))
        {
            errors.Add(new FieldError("name", $"At most {MaxName} characters without control characters."));
        }

        if (wanted.ExpiresInSeconds is < MinSeconds or > MaxSeconds)
        {
            errors.Add(new FieldError("expiresInSeconds", $"{MinSeconds} to {MaxSeconds} (30 days)."));
        }

        if (wanted.Uses is < 1 or > MaxUses)
        {
            errors.Add(new FieldError("uses", $"1 to {MaxUses}."));
        }

        // Null takes a label away from a node; a token has none to take away.
        errors.AddRange((wanted.Labels ?? new Dictionary<string, string>(StringComparer.Ordinal)).Where(l => l.Value is null)
            .Select(l => new FieldError($"labels.{Short(l.Key)}", "must not be null")));
        LabelRules.Check("labels", wanted.Labels?.ToDictionary(l => l.Key, string? (l) => l.Value, StringComparer.Ordinal), errors);
        return errors.Count > 0 ? new InvalidError(errors) : null;
    }

    private static JoinTokenView View(JoinTokenEntity token, DateTime now) => new(
        token.Id, token.Name, NodeRecords.ReadLabels(token.LabelsJson), token.CreatedAt, token.CreatedBy, token.ExpiresAt,
        token.MaxUses, token.Uses, token.RequireApproval, token.RevokedAt,
        JoinTokenErrors.Of(token, now, ignoreUses: false)?.Code["join_token.".Length..] ?? "active", token.Collection);

    private static string Short(string? text) => text is { Length: > 100 } ? text[..100] : text ?? "";
}
