using System.Text;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Options;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId;

/// <summary>
/// The settings for OpenID providers. Whoever decides whom we believe can become anybody that a provider names, so changing them takes
/// every right, not only the one to change settings. A change holds for the next sign-in.
/// </summary>
public sealed class OpenIdProviders(
    IDbContextFactory<ControlPlaneDb> databases, OpenIdSettings settings, ProviderConnections connections, Authorizer authorizer,
    AccessGate gate, AuditTrail audit, SecretBox box, PublicAddress address, TimeProvider clock)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    private const int MaximumProviders = 20;

    public Result<IReadOnlyList<OpenIdProviderView>> List(Caller caller) =>
        authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal
            ? refusal
            : settings.Providers.Select(View).ToList();

    public Result<OpenIdProviderView> Get(Caller caller, string id)
    {
        if (authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        return settings.Find(id) is { } provider ? View(provider) : Missing(id);
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="id">Of a known or a new provider.</param>
    /// <param name="request">All of it.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="AnyRevision"/>; null is allowed for a new one only.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<OpenIdProviderView>> PutAsync(
        Caller caller, string id, OpenIdProviderRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await RefusalAsync(caller, id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var wanted = OpenIdProviderForm.Read(id, request);
        if (!wanted.IsSuccess)
        {
            return wanted.Error;
        }

        var saved = await ChangeAsync(
            (db, kept) =>
            {
                var before = kept.Find(provider => provider.Id == id);
                if (before is not null && Stale(ifMatch, before.Revision) is { } stale)
                {
                    return stale;
                }

                if (before is null && (ifMatch is > 0 || kept.Count >= MaximumProviders))
                {
                    return ifMatch is > 0 ? Missing(id) : new ConflictError("oidc.too_many", $"There are {MaximumProviders} providers: remove one first.");
                }

                var provider = wanted.Value with
                {
                    ClientSecretSet = request.ClientSecret is null ? before is { ClientSecretSet: true } : request.ClientSecret.Length > 0,
                    Revision = (before?.Revision ?? 0) + 1,
                };
                kept.RemoveAll(other => other.Id == id);
                kept.Add(provider);
                audit.Add(
                    db, caller, Permission.SettingsUpdate, Target(id), AuditTrail.Ok,
                    $"authority {provider.Authority}, client {provider.ClientId}{(request.ClientSecret is null ? "" : ", secret changed")}");
                return provider;
            },
            async (db, _) =>
            {
                if (request.ClientSecret is { } secret)
                {
                    await KeepSecretAsync(db, id, secret, cancellationToken);
                }
            },
            cancellationToken);
        return saved.Map(View);
    }

    public async Task<Result<Done>> RemoveAsync(Caller caller, string id, long? ifMatch, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(caller, id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var removed = await ChangeAsync(
            (db, kept) =>
            {
                if (kept.Find(provider => provider.Id == id) is not { } before)
                {
                    return Missing(id);
                }

                if (Stale(ifMatch, before.Revision) is { } stale)
                {
                    return stale;
                }

                kept.Remove(before);
                audit.Add(db, caller, Permission.SettingsUpdate, Target(id), AuditTrail.Ok, "removed");
                return before;
            },
            (db, _) => KeepSecretAsync(db, id, "", cancellationToken),
            cancellationToken);
        return removed.Map(_ => Done.Value);
    }

    /// <summary>For whoever speaks to the provider; null when none is kept.</summary>
    public async Task<string?> ReadSecretAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var name = OpenIdProvider.SecretName(id);
        var row = await db.Secrets.AsNoTracking().SingleOrDefaultAsync(secret => secret.Name == name, cancellationToken);
        return row is null ? null : Encoding.UTF8.GetString(box.Unwrap(row.Wrapped, name));
    }

    private async Task<Result<OpenIdProvider>> ChangeAsync(
        Func<ControlPlaneDb, List<OpenIdProvider>, Result<OpenIdProvider>> change, Func<ControlPlaneDb, OpenIdProvider, Task> alongside,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var row = await db.Settings.FirstOrDefaultAsync(setting => setting.Name == OpenIdSettings.ProvidersName, cancellationToken);
            var kept = row is null ? [] : OpenIdSettings.ReadProviders(row).ToList();
            var changed = change(db, kept);
            if (!changed.IsSuccess)
            {
                return changed;
            }

            if (row is null)
            {
                row = new SettingEntity { Name = OpenIdSettings.ProvidersName, ValueJson = "", ChangedBy = "" };
                db.Settings.Add(row);
            }

            row.ValueJson = OpenIdSettings.Write(kept);
            row.ChangedBy = db.ChangeTracker.Entries<AuditEntity>().First().Entity.ActorName;
            row.ChangedAt = clock.GetUtcNow().UtcDateTime;
            await alongside(db, changed.Value);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (attempt < 3)
            {
                // Another provider was changed meanwhile: this change is judged anew against what is there now.
                continue;
            }

            settings.Publish(kept, row.Version);
            connections.Keep(settings.Configured());
            return changed;
        }
    }

    private async Task KeepSecretAsync(ControlPlaneDb db, string id, string secret, CancellationToken cancellationToken)
    {
        var name = OpenIdProvider.SecretName(id);
        if (await db.Secrets.FindAsync([name], cancellationToken) is { } before)
        {
            if (secret.Length > 0)
            {
                before.Wrapped = box.Wrap(Encoding.UTF8.GetBytes(secret), name);
            }
            else
            {
                db.Secrets.Remove(before);
            }
        }
        else if (secret.Length > 0)
        {
            db.Secrets.Add(new SecretEntity { Name = name, Wrapped = box.Wrap(Encoding.UTF8.GetBytes(secret), name), CreatedAt = clock.GetUtcNow().UtcDateTime });
        }
    }

    private async ValueTask<Error?> RefusalAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target(id), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return authorizer.CheckCovers(caller, PermissionSet.All, Collections.Root) is { } escalation
            ? await gate.RefuseAsync(caller, Permission.SettingsUpdate, Target(id), escalation, cancellationToken)
            : null;
    }

    private OpenIdProviderView View(OpenIdProvider provider) => new()
    {
        Id = provider.Id,
        DisplayName = provider.DisplayName,
        Authority = provider.Authority,
        AllowInsecure = provider.AllowInsecure,
        ClientId = provider.ClientId,
        ClientSecretSet = provider.ClientSecretSet,
        Scopes = provider.Scopes,
        NameClaim = provider.NameClaim,
        GroupsClaim = provider.GroupsClaim,
        TrustedCa = provider.TrustedCa,
        Prompt = provider.Prompt,
        UserInfo = provider.UserInfo,
        RequireTeam = provider.RequireTeam,
        Administrators = provider.Administrators,
        RedirectUri = address.Url + provider.CallbackPath,
        BackChannelLogoutUri = address.Url + provider.BackChannelLogoutPath,
        PostLogoutRedirectUri = address.Url + provider.SignedOutPath,
        Revision = provider.Revision,
    };

    private static PreconditionError? Stale(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        AnyRevision => null,
        { } seen when seen == current => null,
        _ => new PreconditionError("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current),
    };

    private static AuditObject Target(string id) => new("settings", OpenIdProviderForm.IsId(id) ? OpenIdProvider.SourceOf(id) : OpenIdSettings.ProvidersName);

    private static NotFoundError Missing(string id) =>
        new("oidc.not_found", OpenIdProviderForm.IsId(id) ? $"There is no OpenID provider with the id {id}." : "There is no such OpenID provider.");
}
