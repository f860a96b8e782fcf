using System.Globalization;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Settings;

/// <summary>The cluster's settings for placement. A change holds for every placement from then on; what is placed stays.</summary>
public sealed class SchedulingSettingsService(
    IDbContextFactory<ControlPlaneDb> databases, ClusterState state, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    private static readonly AuditObject Target = new("settings", SchedulingSettingsRow.Name);

    public Result<SchedulingSettingsView> Get(Caller caller) =>
        authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal ? refusal : View(state.Current.Scheduling);

    /// <param name="caller">Who asks.</param>
    /// <param name="request">All of the settings.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="AnyRevision"/>; null is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<SchedulingSettingsView>> PutAsync(
        Caller caller, SchedulingSettingsRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var wanted = new SchedulingSettingsRow(
            request.Strategy ?? SchedulingSettings.Default.Strategy, request.OvercommitPercent ?? SchedulingSettings.Default.OvercommitPercent);
        if (Validate(wanted) is { Count: > 0 } errors)
        {
            return new InvalidError(errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Settings.FirstOrDefaultAsync(s => s.Name == SchedulingSettingsRow.Name, cancellationToken);
        if (CheckRevision(ifMatch, row?.Version ?? 0) is { } stale)
        {
            return stale;
        }

        if (row is null)
        {
            row = new SettingEntity { Name = SchedulingSettingsRow.Name, ValueJson = "", ChangedBy = "" };
            db.Settings.Add(row);
        }

        var before = AuditJson.Parse(row.ValueJson.Length == 0 ? null : row.ValueJson);
        row.ValueJson = wanted.Write();
        row.ChangedBy = caller.Name;
        row.ChangedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(
            db, caller, Permission.SettingsUpdate, Target, AuditTrail.Ok,
            string.Create(CultureInfo.InvariantCulture, $"strategy {wanted.Strategy}, overcommit {wanted.OvercommitPercent} %"),
            AuditDetails.Changed(before, wanted));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another one came first, be it as the first row or as a later version of it.
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            var now = await other.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == SchedulingSettingsRow.Name, cancellationToken);
            if (now is null || now.Version == row.Version - 1)
            {
                throw;
            }

            return Stale(now.Version);
        }

        var settings = SchedulingSettingsRow.Read(row);
        state.Write(writer =>
        {
            // A later change may have been published already.
            if (settings.Revision > writer.Scheduling.Revision)
            {
                writer.Put(settings);
            }
        });
        return View(settings);
    }

    private static List<FieldError> Validate(SchedulingSettingsRow wanted)
    {
        var errors = new List<FieldError>();
        var strategy = wanted.Strategy.Length > 64 ? wanted.Strategy[..64] + "…" : wanted.Strategy;
        if (Scheduling.Placement.Standard.ProblemWithStrategy(strategy) is { } unknown)
        {
            errors.Add(new FieldError("strategy", unknown));
        }

        if (wanted.OvercommitPercent is < 0 or > NodeCapacity.MaxOvercommitPercent)
        {
            errors.Add(new FieldError("overcommitPercent", $"must be 0 to {NodeCapacity.MaxOvercommitPercent}"));
        }

        return errors;
    }

    private static PreconditionError? CheckRevision(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        AnyRevision => null,
        { } seen when seen == current => null,
        _ => Stale(current),
    };

    private static PreconditionError Stale(long current) => new("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current);

    private static SchedulingSettingsView View(SchedulingSettings settings) => new(settings.Strategy, settings.OvercommitPercent, settings.Revision);
}
