using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit;

/// <summary>What an operation was about.</summary>
public sealed record AuditObject(string Kind, string Id, string? Name = null);

/// <summary>Writes the audit entries: who, from where, by what credential, what, on what, with what result.</summary>
public sealed class AuditTrail(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock)
{
    public const string Ok = "ok";
    public const string Refused = "refused";
    public const string Failed = "failed";

    /// <summary>Adds an entry to the caller's unit of work: it is committed with the change that it is about, or not at all.</summary>
    public void Add(ControlPlaneDb db, Caller caller, string action, AuditObject target, string result = Ok, string? detail = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        db.Audit.Add(Entry(caller, action, target, result, detail));
    }

    /// <summary>Writes an entry of its own: a refusal, or an effect outside the database.</summary>
    public async Task RecordAsync(Caller caller, string action, AuditObject target, string result, string? detail, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        Add(db, caller, action, target, result, detail);
        await db.SaveChangesAsync(cancellationToken);
    }

    private AuditEntity Entry(Caller caller, string action, AuditObject target, string result, string? detail)
    {
        var now = clock.GetUtcNow();
        return new AuditEntity
        {
            Id = Guid.CreateVersion7(now),
            At = now.UtcDateTime,
            ActorKind = caller.Kind.ToString(),
            ActorId = caller.Id,
            ActorName = caller.Name,
            CredentialId = caller.CredentialId,
            RemoteAddress = caller.RemoteAddress,
            Action = action,
            ObjectKind = target.Kind,
            ObjectId = target.Id,
            ObjectName = target.Name,
            Result = result,
            Detail = detail,
            RequestId = caller.RequestId,
        };
    }
}
