using System.Security.Cryptography;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Secrets;

/// <summary>Named secrets of the server, kept wrapped in the database.</summary>
public sealed class SecretStore(IDbContextFactory<ControlPlaneDb> databases, SecretBox box, TimeProvider clock)
{
    public async Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(create);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Secrets.FindAsync([name], cancellationToken) is { } kept)
        {
            return Unwrap(kept);
        }

        var secret = create();
        db.Secrets.Add(new SecretEntity { Name = name, Wrapped = box.Wrap(secret, name), CreatedAt = clock.GetUtcNow().UtcDateTime });
        await db.SaveChangesAsync(cancellationToken);
        return secret;
    }

    private byte[] Unwrap(SecretEntity kept)
    {
        if (!box.KeyExists)
        {
            throw new ServerStartException($"{box.KeyFile} is missing but the database holds secrets wrapped by it: restore it from the backup of the data directory.");
        }

        try
        {
            return box.Unwrap(kept.Wrapped, kept.Name);
        }
        catch (CryptographicException error)
        {
            throw new ServerStartException($"{box.KeyFile} is not the key that wrapped the secrets in this database: restore the key or the database.", error);
        }
    }
}
