using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>
/// Nobody locks everybody out: there is always an active administrator whose password is kept here, whatever happens to directories and
/// providers. Whoever disables, demotes or deletes accounts enters first, asks, and saves before leaving.
/// </summary>
public sealed class LastAdministrator : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>One change at a time, or two administrators remove each other.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        return new Leave(_changing);
    }

    /// <summary>Null when another administrator is left who can sign in without directory or provider.</summary>
    public static async Task<Error?> CheckAsync(ControlPlaneDb db, string userId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var able = await Able(db).Select(user => user.Id).Take(2).ToListAsync(cancellationToken);
        return able is [var only] && only == userId
            ? new ConflictError("user.last_administrator", "This is the last active administrator with a password here: make another one first.")
            : null;
    }

    internal static IQueryable<UserEntity> Able(ControlPlaneDb db) => db.Users.AsNoTracking().Where(user =>
        user.IsAdministrator && user.DisabledAt == null && user.Kind == UserKind.Person && user.Source == AccountSource.Local && user.PasswordHash != null);

    public void Dispose() => _changing.Dispose();

    private sealed class Leave(SemaphoreSlim changing) : IDisposable
    {
        public void Dispose() => changing.Release();
    }
}
