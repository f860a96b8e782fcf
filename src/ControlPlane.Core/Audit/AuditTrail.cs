using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit;

/// <summary>What an operation was about.</summary>
public sealed record AuditObject(string Kind, string Id, string? Name = null);

/// <summary>Writes the audit entries: who, from where, by what credential, what, on what, with what result.</summary>
/// <param name="databases">Where to.</param>
/// <param name="clock">When.</param>
/// <param name="refusals">Takes refusals and writes them behind; without one (a command on the server's machine) they are written at once.</param>
public sealed class AuditTrail(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, RefusalLog? refusals = null)
{
    public const string Ok = "ok";
    public const string Refused = "refused";
    public const string Failed = "failed";

    private const int MaxId = 256;
    private const int MaxDetail = 4000;
    private const int MaxRefusalDetail = 1000;
    private const int MaxRefusalParameters = 1024;

    /// <summary>Adds an entry to the caller's unit of work: it is committed with the change that it is about, or not at all.</summary>
    public void Add(
        ControlPlaneDb db, Caller caller, string action, AuditObject target, string result = Ok, string? detail = null, AuditDetails? details = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        db.Audit.Add(Entry(caller, action, target, result, detail, details));
    }

    /// <summary>Writes an entry of its own: a refusal, or an effect outside the database. A refusal does not wait for the database.</summary>
    public Task RecordAsync(Caller caller, string action, AuditObject target, string result, string? detail, CancellationToken cancellationToken) =>
        RecordAsync(caller, action, target, result, detail, null, cancellationToken);

    public async Task RecordAsync(
        Caller caller, string action, AuditObject target, string result, string? detail, AuditDetails? details, CancellationToken cancellationToken)
    {
        var entry = Entry(caller, action, target, result, detail, details);
        if (refusals is not null && result == Refused)
        {
            refusals.Add(entry);
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Audit.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
    }

    private AuditEntity Entry(Caller caller, string action, AuditObject target, string result, string? detail, AuditDetails? details)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(target);
        var now = clock.GetUtcNow();
        var refused = result == Refused;
        return new AuditEntity
        {
            Id = Guid.CreateVersion7(now),
            // PostgreSQL keeps microseconds: both databases say the same.
            At = new DateTime(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc),
            ActorKind = caller.Kind.ToString(),
            ActorId = AuditText.Clean(caller.Id, MaxId),
            ActorName = AuditText.Clean(caller.Name, MaxId),
            CredentialId = Clean(caller.CredentialId, MaxId),
            RemoteAddress = Clean(caller.RemoteAddress, MaxId),
            Action = action,
            ObjectKind = target.Kind,
            ObjectId = AuditText.Clean(target.Id, MaxId),
            ObjectName = Clean(target.Name, MaxId),
            Result = result,
            Detail = detail is null ? null : AuditText.Clean(SecretText.Scrub(AuditText.Clean(detail, 2 * MaxDetail)), refused ? MaxRefusalDetail : MaxDetail),
            RequestId = AuditText.Clean(caller.RequestId, MaxId),
            // Anybody can send refusals: they are kept small.
            ParametersJson = AuditJson.Write(details?.Parameters, refused ? MaxRefusalParameters : AuditJson.MaxBytes),
            BeforeJson = refused ? null : AuditJson.Write(details?.Before),
            AfterJson = refused ? null : AuditJson.Write(details?.After),
        };
    }

    private static string? Clean(string? text, int max) => text is null ? null : AuditText.Clean(text, max);
}
