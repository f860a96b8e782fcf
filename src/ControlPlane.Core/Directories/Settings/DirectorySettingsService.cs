using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>The settings of the directory: read without secrets, changed as a whole, effective at once.</summary>
public sealed class DirectorySettingsService(
    IDbContextFactory<ControlPlaneDb> databases, SecretBox box, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const string Row = "ldap";
    private const string Secret = "ldap/readers";
    private static readonly AuditObject Target = new("settings", Row);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private DirectoryConfiguration _current = DirectoryConfiguration.None;

    /// <summary>Raised after a change; handlers must be quick.</summary>
    internal event Action? Changed;

    internal DirectoryConfiguration Current => Volatile.Read(ref _current);

    /// <summary>At start.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Settings.AsNoTracking().FirstOrDefaultAsync(setting => setting.Name == Row, cancellationToken) is not { } row)
        {
            return;
        }

        var secret = await db.Secrets.AsNoTracking().FirstOrDefaultAsync(kept => kept.Name == Secret, cancellationToken);
        Publish(new DirectoryConfiguration(JsonSerializer.Deserialize<DirectorySettings>(row.ValueJson, Json)!, Unwrap(secret), row.Version));
    }

    public Result<DirectorySettingsView> Get(Caller caller) =>
        authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal ? refusal : View(Current);

    /// <param name="caller">Who asks.</param>
    /// <param name="request">All of the settings.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="Revision.Any"/>; null is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<DirectorySettingsView>> PutAsync(Caller caller, DirectorySettings request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, Target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Settings.FirstOrDefaultAsync(setting => setting.Name == Row, cancellationToken);
        var secret = await db.Secrets.FirstOrDefaultAsync(kept => kept.Name == Secret, cancellationToken);
        var before = row is null
            ? DirectoryConfiguration.None
            : new DirectoryConfiguration(JsonSerializer.Deserialize<DirectorySettings>(row.ValueJson, Json)!, Unwrap(secret), row.Version);
        if (Revision.Check(ifMatch, before.Revision) is { } stale)
        {
            return stale;
        }

        var built = Build(before, request);
        if (!built.IsSuccess)
        {
            return built.Error;
        }

        // Who says which directory decides, says who is an administrator.
        if (authorizer.CheckCovers(caller, PermissionSet.All, Collections.Root) is { } escalation)
        {
            return await gate.RefuseAsync(caller, Permission.SettingsUpdate, Target, escalation, cancellationToken);
        }

        var wanted = built.Value;
        if (row is null)
        {
            row = new SettingEntity { Name = Row, ValueJson = "", ChangedBy = "" };
            db.Settings.Add(row);
        }

        row.ValueJson = JsonSerializer.Serialize(wanted.Settings, Json);
        row.ChangedBy = caller.Name;
        row.ChangedAt = clock.GetUtcNow().UtcDateTime;
        Keep(db, secret, wanted);
        audit.Add(
            db, caller, Permission.SettingsUpdate, Target, AuditTrail.Ok,
            $"{(wanted.Settings.Enabled ? "enabled" : "disabled")}, servers {string.Join(' ', wanted.Settings.Servers.Select(server => server.Url))}, schedule {wanted.Settings.SyncSchedule}");
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another one came first, be it as the first row or as a later version of it.
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            var now = await other.Settings.AsNoTracking().FirstOrDefaultAsync(setting => setting.Name == Row, cancellationToken);
            if (now is null || now.Version == before.Revision)
            {
                throw;
            }

            return Revision.Stale(now.Version);
        }

        var saved = new DirectoryConfiguration(wanted.Settings, wanted.Passwords, row.Version);
        Publish(saved);
        return View(saved);
    }

    /// <summary>
    /// The settings of a request with the passwords that are kept for them: a kept one goes only to the server and for the name it was given for,
    /// and over no weaker protection. Otherwise whoever may change settings could have it sent to a server of their own.
    /// </summary>
    internal static Result<DirectoryConfiguration> Build(DirectoryConfiguration before, DirectorySettings request)
    {
        var passwords = new Dictionary<string, string>(StringComparer.Ordinal);
        var servers = new List<DirectoryServer>(request.Servers.Count);
        foreach (var given in request.Servers)
        {
            var server = Tidy(given) with { ReaderPasswordSet = false };
            if (server.ReaderPassword is { } password)
            {
                passwords[server.Key] = password;
            }
            else if (before.PasswordOf(server) is { } kept && before.Settings.Servers.Any(old => old.Key == server.Key && !server.IsWeakerThan(old)))
            {
                passwords.TryAdd(server.Key, kept);
                server = server with { ReaderPasswordSet = true };
            }

            servers.Add(server);
        }

        // What the request says about itself beyond the settings (the revision of a view) is not kept.
        var settings = new DirectorySettings
        {
            Enabled = request.Enabled,
            Servers = servers,
            Searches = [.. request.Searches.Select(search => search with { Filter = Blank(search.Filter), GroupDn = Blank(search.GroupDn) })],
            SignInAttributes = request.SignInAttributes,
            KeyAttribute = Blank(request.KeyAttribute),
            NestedGroups = request.NestedGroups,
            JustInTimeProvisioning = request.JustInTimeProvisioning,
            Administrators = request.Administrators,
            SyncSchedule = request.SyncSchedule.Trim(),
            ConnectTimeoutSeconds = request.ConnectTimeoutSeconds,
            OperationTimeoutSeconds = request.OperationTimeoutSeconds,
            SignInTimeoutSeconds = request.SignInTimeoutSeconds,
            MaxParallelSignIns = request.MaxParallelSignIns,
        };
        return DirectoryValidation.Check(settings) is { Count: > 0 } errors ? new InvalidError(errors) : new DirectoryConfiguration(settings, passwords, before.Revision);
    }

    private static DirectoryServer Tidy(DirectoryServer server) => server with
    {
        Url = server.Url.Trim().TrimEnd('/'),
        Domain = Blank(server.Domain),
        RootCertificates = Blank(server.RootCertificates),
        ReaderDn = Blank(server.ReaderDn),
        ReaderPassword = server.ReaderPassword is "" ? null : server.ReaderPassword,
    };

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private void Keep(ControlPlaneDb db, SecretEntity? secret, DirectoryConfiguration wanted)
    {
        if (wanted.Passwords.Count == 0)
        {
            if (secret is not null)
            {
                db.Secrets.Remove(secret);
            }

            return;
        }

        var plain = JsonSerializer.SerializeToUtf8Bytes(wanted.Passwords, Json);
        var wrapped = box.Wrap(plain, Secret);
        CryptographicOperations.ZeroMemory(plain);
        if (secret is null)
        {
            db.Secrets.Add(new SecretEntity { Name = Secret, Wrapped = wrapped, CreatedAt = clock.GetUtcNow().UtcDateTime });
            return;
        }

        secret.Wrapped = wrapped;
    }

    private Dictionary<string, string> Unwrap(SecretEntity? secret) =>
        secret is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(box.Unwrap(secret.Wrapped, Secret), Json) ?? [];

    private void Publish(DirectoryConfiguration next)
    {
        // A later change may have been published already.
        var seen = Current;
        while (next.Revision > seen.Revision && Interlocked.CompareExchange(ref _current, next, seen) is var found && !ReferenceEquals(found, seen))
        {
            seen = found;
        }

        Changed?.Invoke();
    }

    private static DirectorySettingsView View(DirectoryConfiguration configuration) => new(configuration.Settings, configuration.Revision);
}
