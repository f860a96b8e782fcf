using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>The one way a session comes to be: a new id and secret, the limit per user, what is still to be done, the audit entry.</summary>
public sealed class SessionOpening(WebSessions sessions, SignInRules rules, CallerCache cache, AuditTrail audit, TimeProvider clock)
{
    /// <param name="db">The unit of work: what it holds is saved with the session.</param>
    /// <param name="user">Whose.</param>
    /// <param name="how">How they were recognised.</param>
    /// <param name="step">What this opening is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<SessionTicket> OpenAsync(
        ControlPlaneDb db, UserEntity user, OpenSession how, OpeningStep step, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var kept = await db.Sessions.Where(s => s.UserId == user.Id).OrderByDescending(s => s.LastSeenAt).ThenBy(s => s.Id).ToListAsync(cancellationToken);
        var gone = kept.Where(s => s.Id == step.Replaces || step.EndsOthers)
            .Concat(kept.Where(s => s.Id != step.Replaces).Skip(rules.Current.SessionsPerUser - 1)).Distinct().ToList();
        db.Sessions.RemoveRange(gone);
        var ticket = sessions.Add(db, user, how, rules.PendingOf(user, how, step.SecondFactorShown));
        var caller = new Caller
        {
            Kind = CallerKind.Session,
            Id = user.Id,
            Name = user.Name,
            IsAdministrator = user.IsAdministrator,
            CredentialId = ticket.SessionId,
            RemoteAddress = how.RemoteAddress,
            RequestId = how.RequestId,
        };
        audit.Add(db, caller, step.Action, new AuditObject("user", user.Id, user.Name), AuditTrail.Ok, how.Method);
        await db.SaveChangesAsync(cancellationToken);

        // By statement: signing in does not change the account's revision.
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignInAt, now), cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        foreach (var session in gone)
        {
            cache.RemoveCredential(session.Id);
        }

        return ticket;
    }
}

/// <summary>What an opening is: a sign-in, or a step up from a session that it replaces.</summary>
/// <param name="Action">Of the audit entry.</param>
/// <param name="Replaces">The session that it takes the place of.</param>
/// <param name="SecondFactorShown">Not to be asked for again.</param>
/// <param name="EndsOthers">All other sessions of the user end.</param>
internal sealed record OpeningStep(string Action, string? Replaces = null, bool SecondFactorShown = false, bool EndsOthers = false);
