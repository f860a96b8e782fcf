using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>A person changes their own password: with the old one, always.</summary>
public sealed class OwnPassword(IDbContextFactory<ControlPlaneDb> databases, FreshAuthentication fresh, PendingSignIn steps)
{
    /// <summary>All other sessions end; this one gets a new id.</summary>
    public async Task<Result<SessionTicket>> ChangeAsync(Caller caller, string? currentPassword, string? newPassword, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        if (caller.Kind != CallerKind.Session)
        {
            return new ForbiddenError("auth.session_required", "Sign in: a token cannot change how its owner signs in.");
        }

        if (await fresh.CheckPasswordAsync(caller, currentPassword, cancellationToken) is { } wrong)
        {
            return wrong;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await PendingSignIn.FindAsync(db, caller, null, cancellationToken) is not var (session, user))
        {
            return new UnauthenticatedError("auth.required", "Sign in again.");
        }

        return (await steps.SetAsync(db, caller, user, session, newPassword, "newPassword", cancellationToken)).Map(step => step.Ticket);
    }
}
