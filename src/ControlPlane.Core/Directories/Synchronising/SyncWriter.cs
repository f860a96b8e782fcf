using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Identity;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>
/// Carries out a plan in few transactions: first who loses something, then who changes, then who is new, at last the memberships, which are
/// published once. The rules are those of a sign-in: an account is found by its identity and by nothing else.
/// </summary>
internal sealed class SyncWriter(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore access, AuditTrail audit, CallerCache cache, TimeProvider clock)
{
    // Large enough to be quick, small enough that nobody waits long for the database.
    private const int BatchSize = 500;
    private const int Attempts = 4;

    public async Task WriteAsync(SyncPlan plan, Caller system, SyncLog log, CancellationToken cancellationToken)
    {
        foreach (var batch in plan.Changes.OrderBy(change => change.Disable is null).Chunk(BatchSize))
        {
            await RetryAsync(batch, part => ChangeAsync(part, system, cancellationToken), log, change => change.Account.Name);
        }

        foreach (var batch in plan.Creates.Chunk(BatchSize))
        {
            await RetryAsync(batch, part => CreateAsync(part, system, cancellationToken), log, person => person.Name);
        }

        await SeeAsync(plan.SeenSubjects, cancellationToken);
        await JoinAsync(plan, system, cancellationToken);
    }

    /// <summary>Whoever wrote the same accounts meanwhile goes first; one that clashes for good must not keep the others from theirs.</summary>
    private static async Task RetryAsync<T>(T[] batch, Func<IReadOnlyList<T>, Task> write, SyncLog log, Func<T, string> nameOf)
    {
        try
        {
            await write(batch);
            return;
        }
        catch (DbUpdateException)
        {
            // One by one below.
        }

        foreach (var item in batch)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await write([item]);
                    break;
                }
                catch (DbUpdateException) when (attempt < Attempts)
                {
                    continue;
                }
                catch (DbUpdateException)
                {
                    log.Problem($"{nameOf(item)}: was changed by somebody else at the same time; the next run tries again.");
                    break;
                }
            }
        }
    }

    private async Task ChangeAsync(IReadOnlyList<AccountChange> changes, Caller system, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ids = changes.Select(change => change.Account.UserId).ToList();
        var users = await db.Users.Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, StringComparer.Ordinal, cancellationToken);
        var texts = changes.Where(change => change.Texts is not null).Select(change => change.Account.Subject).ToList();
        var identities = await db.ExternalIdentities.Where(identity => identity.Issuer == DirectoryPerson.Source && texts.Contains(identity.Subject))
            .ToDictionaryAsync(identity => identity.Subject, StringComparer.Ordinal, cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var ended = new List<string>();
        foreach (var change in changes)
        {
            if (!users.TryGetValue(change.Account.UserId, out var user))
            {
                continue;
            }

            if (change.Texts is { } person)
            {
                user.FullName = person.FullName;
                user.Email = person.Email;
                if (identities.TryGetValue(change.Account.Subject, out var identity))
                {
                    identity.DistinguishedName = person.Dn.ToString();
                }

                Note(db, system, user, "users.update", $"now {person.Dn}");
            }

            // What a person decided meanwhile is not overruled: only what the directory did is undone by it.
            if (change.Disable is { } reason && user.DisabledAt is null)
            {
                user.DisabledAt = now;
                user.DisabledBy = KnownAccount.ByDirectory;
                ended.Add(user.Id);
                Note(db, system, user, "users.disable", reason);
            }
            else if (change.Enable && user.DisabledBy == KnownAccount.ByDirectory)
            {
                user.DisabledAt = null;
                user.DisabledBy = null;
                Note(db, system, user, "users.enable", "is in the directory again");
            }

            if (change.Administrator == true && !user.IsAdministrator)
            {
                user.IsAdministrator = true;
                user.AdministratorBy = DirectoryPerson.Source;
                Note(db, system, user, "users.update", "administrator by ldap");
            }
            else if (change.Administrator == false && user.AdministratorBy == DirectoryPerson.Source)
            {
                user.IsAdministrator = false;
                user.AdministratorBy = null;
                Note(db, system, user, "users.update", "administrator no more by ldap");
            }
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await db.Sessions.Where(session => ended.Contains(session.UserId)).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        foreach (var change in changes.Where(change => change.ChangesRights))
        {
            cache.RemoveUser(change.Account.UserId);
        }
    }

    private async Task CreateAsync(IReadOnlyList<DirectoryPerson> people, Caller system, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var subjects = people.Select(person => person.Subject).ToList();
        var kept = await db.ExternalIdentities.Where(identity => identity.Issuer == DirectoryPerson.Source && subjects.Contains(identity.Subject))
            .ToDictionaryAsync(identity => identity.Subject, StringComparer.Ordinal, cancellationToken);
        var owners = kept.Values.Select(identity => identity.UserId).ToList();
        var alive = await db.Users.Where(user => owners.Contains(user.Id)).Select(user => user.Id).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        foreach (var person in people)
        {
            if (kept.TryGetValue(person.Subject, out var identity) && alive.Contains(identity.UserId, StringComparer.Ordinal))
            {
                // Signed in for the first time meanwhile.
                continue;
            }

            var user = new UserEntity
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Name = person.Name,
                FoldedName = AccountName.Fold(person.Name),
                FullName = person.FullName,
                Email = person.Email,
                Source = DirectoryPerson.Source,
                CreatedAt = now.UtcDateTime,
                PasswordChangedAt = now.UtcDateTime,
            };
            db.Users.Add(user);
            if (identity is null)
            {
                identity = new ExternalIdentityEntity { Issuer = DirectoryPerson.Source, Subject = person.Subject, UserId = user.Id };
                db.ExternalIdentities.Add(identity);
            }

            // An identity whose account was removed gets the new one.
            identity.UserId = user.Id;
            identity.DistinguishedName = person.Dn.ToString();
            identity.LinkedAt = now.UtcDateTime;
            identity.LastSeenAt = now.UtcDateTime;
            Note(db, system, user, "users.create", $"by ldap, subject {person.Subject}");
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task SeeAsync(List<string> subjects, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var batch in subjects.Chunk(BatchSize))
        {
            await db.ExternalIdentities.Where(identity => identity.Issuer == DirectoryPerson.Source && batch.Contains(identity.Subject))
                .ExecuteUpdateAsync(set => set.SetProperty(identity => identity.LastSeenAt, now), cancellationToken);
        }
    }

    private async Task JoinAsync(SyncPlan plan, Caller system, CancellationToken cancellationToken)
    {
        if (plan.Joins.Count + plan.Leaves.Count == 0)
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        var users = await db.ExternalIdentities.AsNoTracking().Where(identity => identity.Issuer == DirectoryPerson.Source)
            .Join(db.Users, identity => identity.UserId, user => user.Id, (identity, user) => new { identity.Subject, user.Id, user.Name })
            .ToListAsync(cancellationToken);
        var bySubject = users.ToDictionary(user => user.Subject, user => user.Id, StringComparer.Ordinal);
        var names = users.DistinctBy(user => user.Id).ToDictionary(user => user.Id, user => user.Name, StringComparer.Ordinal);
        var rows = await db.TeamMembers.AsNoTracking().Where(member => member.Source == DirectoryPerson.Source).ToListAsync(cancellationToken);
        var existing = rows.ToDictionary(row => (row.TeamId, row.UserId));
        var teams = await db.Teams.AsNoTracking().ToDictionaryAsync(team => team.Id, team => team.Name, StringComparer.Ordinal, cancellationToken);
        var words = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var (teamId, subject) in plan.Joins)
        {
            // The team, or the account, may have gone meanwhile; the person may have signed in.
            if (teams.TryGetValue(teamId, out var team) && bySubject.TryGetValue(subject, out var id) && !existing.ContainsKey((teamId, id)))
            {
                db.TeamMembers.Add(new TeamMemberEntity { TeamId = teamId, UserId = id, Source = DirectoryPerson.Source, AddedAt = now });
                Say(id, "joins " + team);
            }
        }

        foreach (var (teamId, id) in plan.Leaves)
        {
            if (existing.TryGetValue((teamId, id), out var row))
            {
                db.TeamMembers.Remove(row);
                Say(id, "leaves " + teams.GetValueOrDefault(teamId, teamId));
            }
        }

        if (words.Count == 0)
        {
            return;
        }

        foreach (var (id, said) in words)
        {
            audit.Add(db, system, "teams.members", new AuditObject("user", id, names.GetValueOrDefault(id)), AuditTrail.Ok, $"{string.Join(", ", said.Take(50))} by ldap");
        }

        await access.SaveAsync(db, cancellationToken);
        foreach (var id in words.Keys)
        {
            cache.RemoveUser(id);
        }

        void Say(string id, string text)
        {
            if (!words.TryGetValue(id, out var said))
            {
                words[id] = said = [];
            }

            said.Add(text);
        }
    }

    private void Note(ControlPlaneDb db, Caller system, UserEntity user, string action, string detail) =>
        audit.Add(db, system, action, new AuditObject("user", user.Id, user.Name), AuditTrail.Ok, detail);
}
