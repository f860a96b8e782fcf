using System.Globalization;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.Settings;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>The settings for sign-in. A change holds for each request from then on, of sessions that are open, too.</summary>
public sealed class SignInSettingsService(
    IDbContextFactory<ControlPlaneDb> databases, SignInRules rules, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private static readonly AuditObject Target = new("settings", SignInSettings.Name);

    public Result<SignInSettingsView> Get(Caller caller) =>
        authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal ? refusal : View(rules.Current);

    /// <param name="caller">Who asks.</param>
    /// <param name="request">All of the settings.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="SchedulingSettingsService.AnyRevision"/>; null is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<SignInSettingsView>> PutAsync(Caller caller, SignInSettingsRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var read = Read(request);
        if (!read.IsSuccess)
        {
            return read.Error;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Settings.FirstOrDefaultAsync(s => s.Name == SignInSettings.Name, cancellationToken);
        if (Revisions.Check(ifMatch, row?.Version ?? 0) is { } stale)
        {
            return stale;
        }

        if (row is null)
        {
            row = new SettingEntity { Name = SignInSettings.Name, ValueJson = "", ChangedBy = "" };
            db.Settings.Add(row);
        }

        row.ValueJson = read.Value.Write();
        row.ChangedBy = caller.Name;
        row.ChangedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(db, caller, Permission.SettingsUpdate, Target, AuditTrail.Ok, Text(read.Value));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another one came first, be it as the first row or as a later version of it.
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            var now = await other.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == SignInSettings.Name, cancellationToken);
            if (now is null || now.Version == row.Version - 1)
            {
                throw;
            }

            return Revisions.Stale(now.Version);
        }

        rules.Publish(SignInSettings.Read(row));
        return View(SignInSettings.Read(row));
    }

    private static Result<SignInSettings> Read(SignInSettingsRequest request)
    {
        var usual = SignInSettings.Default;
        var problems = new List<FieldError>();
        var idle = Within("idleMinutes", request.IdleMinutes ?? (int)usual.Idle.TotalMinutes, 5, 43_200);
        var absolute = Within("absoluteHours", request.AbsoluteHours ?? (int)usual.Absolute.TotalHours, 1, 2160);
        var sessions = Within("sessionsPerUser", request.SessionsPerUser ?? usual.SessionsPerUser, 1, 1000);
        var days = Within("bundleDays", request.BundleDays ?? usual.BundleDays, 1, 366);
        SecondFactorRule? rule = request.SecondFactor switch
        {
            null or "optional" => SecondFactorRule.Optional,
            "administrators" => SecondFactorRule.Administrators,
            "everybody" => SecondFactorRule.Everybody,
            _ => null,
        };
        if (rule is null)
        {
            problems.Add(new FieldError("secondFactor", "must be optional, administrators or everybody"));
        }

        return problems.Count > 0 ? new InvalidError(problems) : new SignInSettings
        {
            Idle = TimeSpan.FromMinutes(idle), Absolute = TimeSpan.FromHours(absolute), SessionsPerUser = sessions, SecondFactor = rule!.Value, BundleDays = days,
        };

        int Within(string field, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                problems.Add(new FieldError(field, string.Create(CultureInfo.InvariantCulture, $"must be {least} to {most}")));
            }

            return value;
        }
    }

    private static string Text(SignInSettings settings) => string.Create(
        CultureInfo.InvariantCulture,
        $"idle {settings.Idle.TotalMinutes} min, absolute {settings.Absolute.TotalHours} h, {settings.SessionsPerUser} sessions, second factor {Word(settings.SecondFactor)}, bundles {settings.BundleDays} d");

    private static string Word(SecondFactorRule rule) => rule.ToString().ToLowerInvariant();

    private static SignInSettingsView View(SignInSettings settings) => new(
        (int)settings.Idle.TotalMinutes, (int)settings.Absolute.TotalHours, settings.SessionsPerUser, Word(settings.SecondFactor), settings.BundleDays, settings.Revision);
}
