using System.Security.Cryptography;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Certificates;

/// <summary>A client certificate, as people see it.</summary>
public sealed record ClientCertificateView(
    string Id, string Name, string Thumbprint, DateTime CreatedAt, DateTime ExpiresAt, DateTime? LastUsedAt);

/// <summary>The only time the private key leaves the server, which does not keep it.</summary>
/// <param name="Id">Of the certificate.</param>
/// <param name="FileName">For the download.</param>
/// <param name="Zip">The bundle.</param>
public sealed record ClientBundle(string Id, string FileName, byte[] Zip)
{
    public override string ToString() => $"ClientBundle {Id}";
}

/// <summary>Client bundles: everybody's own, and those of service accounts for who may change them.</summary>
public sealed class ClientBundles(
    IDbContextFactory<ControlPlaneDb> databases, ClientAuthority authority, CertificateAuthority server, PublicAddress address, SignInRules rules,
    FreshAuthentication fresh, Authorizer authorizer, AccountGate accounts, CallerCache cache, AuditTrail audit, TimeProvider clock)
{
    private const int MaximumNameLength = 100;
    private const int MaximumPerUser = 100;

    public async Task<Result<IReadOnlyList<ClientCertificateView>>> ListOwnAsync(Caller caller, CancellationToken cancellationToken) =>
        AccessGate.RequireSignedIn(caller) is { } refused ? refused : Result.Of(await ListAsync(caller.Id, cancellationToken));

    public async Task<Result<IReadOnlyList<ClientCertificateView>>> ListOfAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(user => user.Id == userId, cancellationToken) ? Result.Of(await ListAsync(userId, cancellationToken)) : UserQueries.NotFound();
    }

    /// <param name="caller">Who asks, for themselves.</param>
    /// <param name="name">What it is for, e.g. the name of a machine.</param>
    /// <param name="days">How long it is good; the settings' longest when null.</param>
    /// <param name="currentPassword">When the sign-in is not of the last minutes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<ClientBundle>> CreateOwnAsync(
        Caller caller, string? name, int? days, string? currentPassword, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        if (await fresh.RequireAsync(caller, currentPassword, cancellationToken) is { } stale)
        {
            return stale;
        }

        return await CreateAsync(caller, caller.Id, caller.Name, name, days, cancellationToken);
    }

    /// <summary>For the server's own files beside <c>admin.env</c>, whose token was shown: nobody is there to be asked for a password.</summary>
    public Task<Result<ClientBundle>> CreateForFilesAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return CreateAsync(caller, caller.Id, caller.Name, name, null, cancellationToken);
    }

    /// <summary>For service accounts: a person makes their own.</summary>
    public async Task<Result<ClientBundle>> CreateForAsync(Caller caller, string userId, string? name, int? days, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, userId, false, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        return found.Value.Kind == UserKind.Service
            ? await CreateAsync(caller, userId, found.Value.Name, name, days, cancellationToken)
            : new ConflictError("user.not_service", "People make their own bundles. For automation make a service account.");
    }

    public async Task<Result<Done>> RevokeOwnAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        AccessGate.RequireSignedIn(caller) is { } refused ? refused : await RevokeAsync(caller, caller.Id, id, cancellationToken);

    public async Task<Result<Done>> RevokeOfAsync(Caller caller, string userId, string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, userId, false, cancellationToken);
        return found.IsSuccess ? await RevokeAsync(caller, userId, id, cancellationToken) : found.Error;
    }

    private async Task<Result<ClientBundle>> CreateAsync(
        Caller caller, string userId, string userName, string? name, int? days, CancellationToken cancellationToken)
    {
        var longest = rules.Current.BundleDays;
        var problems = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaximumNameLength || name.Any(char.IsControl))
        {
            problems.Add(new FieldError("name", $"must have 1 to {MaximumNameLength} characters and no control characters"));
        }

        if (days < 1 || days > longest)
        {
            problems.Add(new FieldError("days", $"must be 1 to {longest}"));
        }

        if (problems.Count > 0)
        {
            return new InvalidError(problems);
        }

        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ClientCertificates.CountAsync(c => c.UserId == userId && c.RevokedAt == null && c.ExpiresAt > now.UtcDateTime, cancellationToken) >= MaximumPerUser)
        {
            return new ConflictError("bundle.too_many", $"There are {MaximumPerUser} certificates already: revoke one first.");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.Issue(key, userId, userName, now.AddDays(days ?? longest));
        var row = new ClientCertificateEntity
        {
            Id = CredentialSecret.NewId(),
            UserId = userId,
            Name = name!,
            Thumbprint = ClientCertificates.Thumbprint(certificate),
            SerialNumber = certificate.SerialNumber,
            CreatedAt = now.UtcDateTime,
            ExpiresAt = certificate.NotAfter.ToUniversalTime(),
        };
        db.ClientCertificates.Add(row);
        audit.Add(db, caller, "bundles.create", new AuditObject("client_certificate", row.Id, name), AuditTrail.Ok, userId == caller.Id ? null : $"for {userName}");
        await db.SaveChangesAsync(cancellationToken);
        var content = new ClientBundleContent(
            $"controlplane-{userName.Replace('@', '-')}", address.DockerHost, await File.ReadAllTextAsync(server.File, cancellationToken),
            certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        return new ClientBundle(row.Id, $"controlplane-{userName.Replace('@', '-')}.zip", ClientBundleFiles.Zip(content, now));
    }

    private async Task<Result<Done>> RevokeAsync(Caller caller, string userId, string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.ClientCertificates.SingleOrDefaultAsync(c => c.Id == id && c.UserId == userId && c.RevokedAt == null, cancellationToken);
        if (row is null)
        {
            return new NotFoundError("bundle.not_found", "There is no certificate with this id.");
        }

        row.RevokedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(db, caller, "bundles.revoke", new AuditObject("client_certificate", id, row.Name));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredential(id);
        return Done.Value;
    }

    private async Task<IReadOnlyList<ClientCertificateView>> ListAsync(string userId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ClientCertificates.AsNoTracking().Where(c => c.UserId == userId && c.RevokedAt == null)
            .OrderByDescending(c => c.CreatedAt).ThenBy(c => c.Id)
            .Select(c => new ClientCertificateView(c.Id, c.Name, c.Thumbprint, c.CreatedAt, c.ExpiresAt, c.LastUsedAt)).ToListAsync(cancellationToken);
    }
}
