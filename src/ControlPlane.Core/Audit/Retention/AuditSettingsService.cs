using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit.Retention;

/// <summary>Reads and changes how long the trail is kept.</summary>
public sealed class AuditSettingsService(
    IDbContextFactory<ControlPlaneDb> databases, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    private static readonly AuditObject Target = new("settings", AuditSettings.Name);

    public async Task<Result<AuditSettingsView>> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return View(await db.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == AuditSettings.Name, cancellationToken));
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="request">All of the settings.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="AnyRevision"/>; null is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<AuditSettingsView>> PutAsync(
        Caller caller, AuditSettingsRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var wanted = new AuditSettings(request.Days ?? AuditSettings.DefaultDays);
        if (wanted.Days is < AuditSettings.LeastDays or > AuditSettings.MostDays)
        {
            return new InvalidError("days", $"must be {AuditSettings.LeastDays} to {AuditSettings.MostDays}");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Settings.FirstOrDefaultAsync(s => s.Name == AuditSettings.Name, cancellationToken);
        var seen = row?.Version ?? 0;
        if (ifMatch is null)
        {
            return new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {seen}.", seen);
        }

        if (ifMatch != AnyRevision && ifMatch != seen)
        {
            return Stale(seen);
        }

        var before = AuditSettings.Read(row);
        if (row is null)
        {
            row = new SettingEntity { Name = AuditSettings.Name, ValueJson = "", ChangedBy = "" };
            db.Settings.Add(row);
        }

        row.ValueJson = wanted.Write();
        row.ChangedBy = caller.Name;
        row.ChangedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(db, caller, Permission.SettingsUpdate, Target, details: AuditDetails.Changed(before, wanted));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another one came first, be it as the first row or as a later version of it.
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            var now = await other.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == AuditSettings.Name, cancellationToken);
            if (now is null || now.Version == seen)
            {
                throw;
            }

            return Stale(now.Version);
        }

        return View(row);
    }

    private static PreconditionError Stale(long current) => new("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current);

    private static AuditSettingsView View(SettingEntity? row) => new(AuditSettings.Read(row).Days, row?.Version ?? 0);
}
