using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>The first line of what changes somebody else's account: the right on <c>/System</c>, and all the rights that the account has.</summary>
public sealed class AccountGate(AccessGate gate, Authorizer authorizer)
{
    /// <summary>For an account that is not there yet.</summary>
    public async Task<Error?> RequireAsync(Caller caller, string permission, AuditObject target, bool isAdministrator, CancellationToken cancellationToken)
    {
        if (await gate.RequireAsync(caller, permission, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        return isAdministrator && authorizer.CheckCoversUser(caller, "", isAdministrator) is { } escalation
            ? await gate.RefuseAsync(caller, permission, target, escalation, cancellationToken)
            : null;
    }

    /// <summary>The account, tracked by the unit of work, when the caller may change it.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="permission">The right that is needed on <c>/System</c>.</param>
    /// <param name="id">The account.</param>
    /// <param name="willBeAdministrator">It becomes one by this change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<Result<UserEntity>> FindAsync(
        ControlPlaneDb db, Caller caller, string permission, string id, bool willBeAdministrator, CancellationToken cancellationToken)
    {
        var target = new AuditObject("user", id);
        if (await gate.RequireAsync(caller, permission, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (user is null)
        {
            return UserQueries.NotFound();
        }

        return authorizer.CheckCoversUser(caller, id, user.IsAdministrator || willBeAdministrator) is { } escalation
            ? await RefuseAsync(caller, permission, user, escalation, cancellationToken)
            : user;
    }

    internal async Task<Error> RefuseAsync(Caller caller, string permission, UserEntity user, Error error, CancellationToken cancellationToken) =>
        await gate.RefuseAsync(caller, permission, new AuditObject("user", user.Id, user.Name), error, cancellationToken);
}
