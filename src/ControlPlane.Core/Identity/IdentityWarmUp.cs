using ControlPlane.Core.Certificates;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>What sign-in knows before the first request: its settings, the client CA, and from where people have sessions.</summary>
public sealed class IdentityWarmUp(IDbContextFactory<ControlPlaneDb> databases, SignInRules rules, LoginThrottle throttle, ClientAuthority authority) : IWarmUp
{
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        await rules.LoadAsync(databases, cancellationToken);
        await authority.LoadAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.Sessions.AsNoTracking().Where(session => session.RemoteAddress != null)
            .Join(db.Users, session => session.UserId, user => user.Id, (session, user) => new { user.FoldedName, session.RemoteAddress })
            .Distinct().ToListAsync(cancellationToken);
        foreach (var place in known)
        {
            throttle.KnownAddress(place.FoldedName, place.RemoteAddress);
        }
    }
}
