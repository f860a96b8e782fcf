using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit;

/// <summary>An audit entry as people read it.</summary>
public sealed record AuditView(
    Guid Id, DateTime At, string ActorKind, string ActorId, string ActorName, string? CredentialId, string? RemoteAddress,
    string Action, string ObjectKind, string ObjectId, string? ObjectName, string Result, string? Detail, string RequestId, int Count);

/// <summary>What to look for; empty lists mean all.</summary>
public sealed record AuditSearch(
    IReadOnlyList<string> Actors, IReadOnlyList<string> Actions, IReadOnlyList<string> Objects, IReadOnlyList<string> Results,
    DateTime? From, DateTime? To, Guid? After, int Limit);

/// <summary>Reads the trail, newest first.</summary>
public sealed class AuditLog(IDbContextFactory<ControlPlaneDb> databases, AccessGate gate)
{
    public async Task<Result<Page<AuditView>>> SearchAsync(Caller caller, AuditSearch search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        if (await gate.RequireAsync(caller, Permission.AuditRead, Collections.System, new AuditObject("audit", ""), cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = Matching(db.Audit.AsNoTracking(), search);
        var total = await found.LongCountAsync(cancellationToken);
        var rows = found;
        if (search.After is { } after)
        {
            var last = await db.Audit.AsNoTracking().Where(a => a.Id == after).Select(a => (DateTime?)a.At).SingleOrDefaultAsync(cancellationToken);
            if (last is null)
            {
                return new InvalidError("cursor", "does not belong to this list");
            }

            // Guid order differs between the databases but not within one.
            rows = rows.Where(a => a.At < last || (a.At == last && a.Id.CompareTo(after) < 0));
        }

        var items = await rows.OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Take(search.Limit + 1)
            .Select(a => new AuditView(
                a.Id, a.At, a.ActorKind, a.ActorId, a.ActorName, a.CredentialId, a.RemoteAddress,
                a.Action, a.ObjectKind, a.ObjectId, a.ObjectName, a.Result, a.Detail, a.RequestId, a.Count))
            .ToListAsync(cancellationToken);
        var more = items.Count > search.Limit;
        if (more)
        {
            items.RemoveAt(search.Limit);
        }

        return new Page<AuditView>(items, more ? items[^1].Id.ToString("N") : null, total);
    }

    private static IQueryable<AuditEntity> Matching(IQueryable<AuditEntity> rows, AuditSearch search)
    {
        if (search.Actors.Count > 0)
        {
            rows = rows.Where(a => search.Actors.Contains(a.ActorName) || search.Actors.Contains(a.ActorId));
        }

        if (search.Actions.Count > 0)
        {
            rows = rows.Where(a => search.Actions.Contains(a.Action));
        }

        if (search.Objects.Count > 0)
        {
            rows = rows.Where(a => search.Objects.Contains(a.ObjectId) || search.Objects.Contains(a.ObjectName!));
        }

        if (search.Results.Count > 0)
        {
            rows = rows.Where(a => search.Results.Contains(a.Result));
        }

        if (search.From is { } from)
        {
            rows = rows.Where(a => a.At >= from);
        }

        return search.To is { } to ? rows.Where(a => a.At < to) : rows;
    }
}
