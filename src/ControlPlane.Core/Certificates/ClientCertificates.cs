using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Certificates;

/// <summary>Who shows a client certificate, for the doors that take them.</summary>
public sealed class ClientCertificates(
    IDbContextFactory<ControlPlaneDb> databases, ClientAuthority authority, CallerCache cache, CredentialUse use, TimeProvider clock)
{
    /// <summary>
    /// Null when it is none of ours, expired, revoked, or its user is disabled. TLS has proved the key; address and request id are the
    /// caller's to fill in.
    /// </summary>
    public async ValueTask<Caller?> FindAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var thumbprint = Thumbprint(certificate);
        var key = "certificate:" + thumbprint;
        var caller = cache.Find(key) ?? await cache.AskAsync(key, cancellation => ReadAsync(key, thumbprint, certificate, cancellation), cancellationToken);
        if (caller is { CredentialId: { } id })
        {
            use.Seen(CallerKind.Certificate, id, null);
        }

        return caller;
    }

    internal static string Thumbprint(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));

    private async Task<Caller?> ReadAsync(string key, string thumbprint, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        if (!authority.IsOurs(certificate))
        {
            return null;
        }

        var generation = cache.Generation;
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.ClientCertificates.AsNoTracking().Where(c => c.Thumbprint == thumbprint && c.RevokedAt == null && c.ExpiresAt > now)
            .Join(db.Users, c => c.UserId, user => user.Id, (c, user) => new { Certificate = c, User = user })
            .SingleOrDefaultAsync(cancellationToken);
        if (row is not { User.DisabledAt: null })
        {
            return null;
        }

        var caller = new Caller
        {
            Kind = CallerKind.Certificate,
            Id = row.User.Id,
            Name = row.User.Name,
            IsAdministrator = row.User.IsAdministrator,
            DefaultCollection = row.User.DefaultCollection,
            CredentialId = row.Certificate.Id,
            RequestId = "",
        };
        cache.Put(key, caller, row.Certificate.ExpiresAt, generation);
        return caller;
    }
}
