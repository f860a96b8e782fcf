using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>The settings for the exchange of tokens. A rule gives a service account away, so changing them takes every right.</summary>
public sealed class ExchangeSettingsService(
    IDbContextFactory<ControlPlaneDb> databases, OpenIdSettings settings, ProviderConnections connections, Authorizer authorizer,
    AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    private const int MaximumIssuers = 20;
    private const int MaximumRules = 50;
    private const int MaximumConditions = 10;
    private const int ShortestLife = 60;
    private const int LongestLife = 3600;
    private const int DefaultLife = 900;

    private static readonly AuditObject Target = new("settings", OpenIdSettings.ExchangeName);

    public async Task<Result<TokenExchangeView>> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ViewAsync(db, settings.Exchange, cancellationToken);
    }

    public async Task<Result<TokenExchangeView>> PutAsync(
        Caller caller, TokenExchangeRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (authorizer.CheckCovers(caller, PermissionSet.All, Collections.Root) is { } escalation)
        {
            return await gate.RefuseAsync(caller, Permission.SettingsUpdate, Target, escalation, cancellationToken);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var wanted = await ReadAsync(db, request, cancellationToken);
        if (!wanted.IsSuccess)
        {
            return wanted.Error;
        }

        var row = await db.Settings.FirstOrDefaultAsync(setting => setting.Name == OpenIdSettings.ExchangeName, cancellationToken);
        var current = row?.Version ?? 0;
        if (ifMatch is null)
        {
            return new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current);
        }

        if (ifMatch != AnyRevision && ifMatch != current)
        {
            return Stale(current);
        }

        if (row is null)
        {
            row = new SettingEntity { Name = OpenIdSettings.ExchangeName, ValueJson = "", ChangedBy = "" };
            db.Settings.Add(row);
        }

        row.ValueJson = OpenIdSettings.Write(wanted.Value);
        row.ChangedBy = caller.Name;
        row.ChangedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(
            db, caller, Permission.SettingsUpdate, Target, AuditTrail.Ok,
            wanted.Value.Count == 0 ? "none is trusted" : $"trusts {string.Join(", ", wanted.Value.Select(issuer => issuer.Issuer))}");
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another one came first, be it as the first row or as a later version of it.
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            var now = await other.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == OpenIdSettings.ExchangeName, cancellationToken);
            if (now is null || now.Version == current)
            {
                throw;
            }

            return Stale(now.Version);
        }

        var saved = new ExchangeSettings(wanted.Value, row.Version);
        settings.Publish(saved);
        connections.Keep(settings.Configured());
        return await ViewAsync(db, saved, cancellationToken);
    }

    private static async Task<Result<List<ExchangeIssuer>>> ReadAsync(ControlPlaneDb db, TokenExchangeRequest request, CancellationToken cancellationToken)
    {
        var asked = request.TrustedIssuers ?? [];
        var names = asked.SelectMany(issuer => issuer?.Rules ?? []).Select(rule => rule?.ServiceAccount ?? "").Distinct(StringComparer.Ordinal).ToList();
        var folded = names.ConvertAll(AccountName.Fold);
        var accounts = asked.Count > MaximumIssuers
            ? []
            : await db.Users.AsNoTracking().Where(user => user.Kind == UserKind.Service && (names.Contains(user.Id) || folded.Contains(user.FoldedName)))
                .Select(user => new ValueTuple<string, string>(user.Id, user.FoldedName)).ToListAsync(cancellationToken);
        var errors = new List<FieldError>();
        if (asked.Count > MaximumIssuers)
        {
            return new InvalidError("trustedIssuers", $"must be at most {MaximumIssuers}");
        }

        var issuers = asked.Select((issuer, index) => ReadIssuer(issuer ?? new TrustedIssuer(), $"trustedIssuers[{index}]", accounts, errors)).ToList();
        foreach (var twice in issuers.GroupBy(issuer => issuer.Issuer, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            errors.Add(new FieldError("trustedIssuers", $"names {twice.Key} twice"));
        }

        return errors.Count > 0 ? new InvalidError(errors) : issuers;
    }

    private static ExchangeIssuer ReadIssuer(TrustedIssuer asked, string path, List<(string Id, string Name)> accounts, List<FieldError> errors)
    {
        var issuer = (asked.Issuer ?? "").Trim();
        var ca = string.IsNullOrWhiteSpace(asked.TrustedCa) ? null : asked.TrustedCa.Trim();
        OpenIdProviderForm.CheckAuthority(path + ".issuer", issuer, new OutgoingRules(asked.AllowInsecure, ca), errors);
        OpenIdProviderForm.CheckText(path + ".audience", asked.Audience, 300, errors);
        OpenIdProviderForm.CheckCa(path + ".trustedCa", ca, errors);
        var rules = asked.Rules ?? [];
        if (rules.Count is 0 or > MaximumRules)
        {
            errors.Add(new FieldError(path + ".rules", $"must be 1 to {MaximumRules}"));
            rules = [];
        }

        return new ExchangeIssuer(
            issuer, (asked.Audience ?? "").Trim(), asked.AllowInsecure, ca,
            [.. rules.Select((rule, index) => ReadRule(rule ?? new ExchangeRule(), $"{path}.rules[{index}]", accounts, errors))]);
    }

    private static ExchangeGrant ReadRule(ExchangeRule asked, string path, List<(string Id, string Name)> accounts, List<FieldError> errors)
    {
        var conditions = asked.Conditions ?? [];
        if (conditions.Count is 0 or > MaximumConditions)
        {
            errors.Add(new FieldError(path + ".conditions", $"must be 1 to {MaximumConditions}"));
            conditions = [];
        }

        for (var i = 0; i < conditions.Count; i++)
        {
            OpenIdProviderForm.CheckText($"{path}.conditions[{i}].claim", conditions[i]?.Claim, 100, errors);
            OpenIdProviderForm.CheckText($"{path}.conditions[{i}].value", conditions[i]?.Value, 500, errors);
            if (conditions[i]?.Value is { } value && value.Length > 0 && value.All(c => c == '*'))
            {
                errors.Add(new FieldError($"{path}.conditions[{i}].value", "must not be * alone: everybody at that issuer would match"));
            }
        }

        var account = accounts.Find(known => known.Id == asked.ServiceAccount || known.Name == AccountName.Fold(asked.ServiceAccount));
        if (account.Id is null)
        {
            errors.Add(new FieldError(path + ".serviceAccount", "must be the name or id of a service account"));
        }

        foreach (var unknown in (asked.Permissions ?? []).Where(name => PermissionSet.Of([name]).IsEmpty))
        {
            errors.Add(new FieldError(path + ".permissions", $"has the unknown permission {(unknown is { Length: <= 60 } ? unknown : "…")}"));
        }

        if (asked.Permissions is { Count: 0 })
        {
            errors.Add(new FieldError(path + ".permissions", "must be left out, or have at least one"));
        }

        if (asked.Collection is { } collection && !CollectionPath.IsValid(collection))
        {
            errors.Add(new FieldError(path + ".collection", "must be the path of a collection"));
        }

        if (asked.LifetimeSeconds is < ShortestLife or > LongestLife)
        {
            errors.Add(new FieldError(path + ".lifetimeSeconds", $"must be {ShortestLife} to {LongestLife}"));
        }

        return new ExchangeGrant(conditions, account.Id ?? "", asked.Permissions, asked.Collection, asked.LifetimeSeconds ?? DefaultLife);
    }

    private static async Task<TokenExchangeView> ViewAsync(ControlPlaneDb db, ExchangeSettings kept, CancellationToken cancellationToken)
    {
        var ids = kept.Issuers.SelectMany(issuer => issuer.Rules).Select(rule => rule.ServiceAccountId).Distinct(StringComparer.Ordinal).ToList();
        var names = await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id))
            .ToDictionaryAsync(user => user.Id, user => user.Name, StringComparer.Ordinal, cancellationToken);
        return new TokenExchangeView(
            [.. kept.Issuers.Select(issuer => new TrustedIssuer
            {
                Issuer = issuer.Issuer,
                Audience = issuer.Audience,
                AllowInsecure = issuer.AllowInsecure,
                TrustedCa = issuer.TrustedCa,
                Rules = [.. issuer.Rules.Select(rule => new ExchangeRule
                {
                    Conditions = rule.Conditions,
                    ServiceAccount = names.GetValueOrDefault(rule.ServiceAccountId, rule.ServiceAccountId),
                    Permissions = rule.Permissions,
                    Collection = rule.Collection,
                    LifetimeSeconds = rule.LifetimeSeconds,
                })],
            })],
            kept.Revision);
    }

    private static PreconditionError Stale(long current) => new("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current);
}
