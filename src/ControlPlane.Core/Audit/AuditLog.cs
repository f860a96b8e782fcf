using System.Text.Json;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit;

/// <summary>Reads the trail, newest first, and checks its chain.</summary>
public sealed class AuditLog(IDbContextFactory<ControlPlaneDb> databases, AccessGate gate, AuditVerifier verifier) : IDisposable
{
    /// <summary>Counted no further: with a million entries and a search for a word it would take seconds.</summary>
    public const int MostCounted = 100_000;

    private static readonly AuditObject Target = new("audit", "");

    // One walk at a time: it reads every entry.
    private readonly SemaphoreSlim _verifying = new(1);

    /// <param name="caller">Who asks.</param>
    /// <param name="search">What for.</param>
    /// <param name="cursor">Of the page before; null for the newest.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<Page<AuditView>>> SearchAsync(Caller caller, AuditSearch search, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        if (await RefusalAsync(caller, cancellationToken) is { } refused)
        {
            return refused;
        }

        AuditPlace? after = null;
        if (cursor is not null && !AuditPlace.TryParse(cursor, out after))
        {
            return new InvalidError("cursor", "must be the nextCursor of an earlier answer");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = search.Apply(db.Audit.AsNoTracking());
        var rows = await (after is { } place ? place.Behind(found) : found)
            .OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Take(limit + 1).ToListAsync(cancellationToken);
        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        // Whoever sees all of them on one page has counted them: a search for a rare word walks through everything once, not twice.
        var total = more || after is not null ? await found.Take(MostCounted).LongCountAsync(cancellationToken) : rows.Count;
        return new Page<AuditView>(rows.ConvertAll(View), more ? AuditPlace.Of(rows[^1]).ToString() : null, total);
    }

    /// <summary>Walks along the whole chain.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="expected">A hash noted before; null = none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<AuditVerification>> VerifyAsync(Caller caller, string? expected, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(caller, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (expected is not null && (expected.Length != 64 || !expected.All(char.IsAsciiHexDigit)))
        {
            return new InvalidError("expect", "must be the hash of a seal: 64 hex digits");
        }

        if (!await _verifying.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return new ConflictError("audit.verifying", "The chain is being verified already. Try again when that is done.");
        }

        try
        {
            return await verifier.VerifyAsync(expected, cancellationToken);
        }
        finally
        {
            _verifying.Release();
        }
    }

    public void Dispose() => _verifying.Dispose();

    private ValueTask<Error?> RefusalAsync(Caller caller, CancellationToken cancellationToken) =>
        gate.RequireAsync(caller, Permission.AuditRead, Collections.System, Target, cancellationToken);

    private static AuditView View(AuditEntity a) => new(
        a.Id, a.At, a.ActorKind, a.ActorId, a.ActorName, a.CredentialId, a.RemoteAddress, a.Action, a.ObjectKind, a.ObjectId, a.ObjectName,
        a.Result, a.Detail, a.RequestId, a.Count, Json(a.ParametersJson), Json(a.BeforeJson), Json(a.AfterJson), a.Seal, a.SealIndex);

    private static JsonElement? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            // Somebody changed it in the database: shown as it is; verification says so.
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
