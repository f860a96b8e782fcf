using System.Globalization;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Identity;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>
/// The difference between what the directory says and what is known. An answer that is not whole takes nothing away; one that takes away more
/// than half waits until somebody confirms it.
/// </summary>
internal sealed class SyncPlanner(DirectoryPicture picture, KnownState known, bool force, SyncLog log)
{
    private readonly SyncPlan _plan = new();
    private readonly Dictionary<string, KnownAccount> _bySubject = known.Accounts.ToDictionary(account => account.Subject, StringComparer.Ordinal);
    private readonly Dictionary<string, KnownAccount> _byId = known.Accounts.DistinctBy(account => account.UserId).ToDictionary(account => account.UserId, StringComparer.Ordinal);
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly HashSet<string> _skipped = new(StringComparer.Ordinal);

    public SyncPlan Make()
    {
        FindNew();
        var leaving = FindLeaving();
        var administrators = FindAdministrators();
        foreach (var account in known.Accounts)
        {
            var change = ChangeOf(account, leaving, administrators);
            if (!change.IsNothing)
            {
                _plan.Changes.Add(change);
            }
        }

        foreach (var (teamId, answer) in picture.Teams)
        {
            Compare(teamId, answer);
        }

        LeaveTeamsWithoutRule();
        return _plan;
    }

    private void FindNew()
    {
        var names = new HashSet<string>(known.TakenNames, StringComparer.Ordinal);
        foreach (var person in picture.People.Values)
        {
            if (_bySubject.ContainsKey(person.Subject))
            {
                _plan.SeenSubjects.Add(person.Subject);
                continue;
            }

            _skipped.Add(person.Subject);
            if (person.DisabledBecause is not null)
            {
                continue;
            }

            if (!person.HasValidName)
            {
                log.Note($"Skipped {person.Dn}: its name {AccountName.Shape}.");
            }
            else if (!names.Add(AccountName.Fold(person.Name)))
            {
                log.Note($"Skipped {person.Dn}: the name {person.Name} belongs to another account, which is not theirs. Rename one of them.");
            }
            else
            {
                _skipped.Remove(person.Subject);
                _plan.Creates.Add(person);
            }
        }
    }

    /// <summary>Who is disabled in this run, with the reason.</summary>
    private Dictionary<string, string> FindLeaving()
    {
        var leaving = new Dictionary<string, string>(StringComparer.Ordinal);
        var active = known.Accounts.Count(account => !account.IsDisabled);
        foreach (var account in known.Accounts.Where(account => !account.IsDisabled))
        {
            if (!picture.People.TryGetValue(account.Subject, out var person))
            {
                if (picture.IsComplete)
                {
                    leaving[account.UserId] = "is not in the directory any more";
                }
            }
            else if (person.DisabledBecause is { } reason)
            {
                leaving[account.UserId] = $"the directory says: {reason}";
            }
        }

        if (!force && IsLandslide(leaving.Count, active))
        {
            log.Problem(string.Create(
                CultureInfo.InvariantCulture, $"{leaving.Count} of {active} accounts would be disabled. That is held back: synchronise again with force to confirm it."));
            leaving.Clear();
        }

        _leaving.UnionWith(leaving.Keys);
        return leaving;
    }

    /// <summary>Subjects of administrators; null when the answer takes nothing away, with those it adds.</summary>
    private (IReadOnlySet<string> Add, bool MayTakeAway) FindAdministrators()
    {
        if (picture.Administrators is not { } answer)
        {
            return (new HashSet<string>(), false);
        }

        if (answer.Problem is not null)
        {
            return (answer.Subjects, false);
        }

        var current = known.Accounts.Where(account => account.IsAdministrator && account.AdministratorBy == DirectoryPerson.Source && !_leaving.Contains(account.UserId)).ToList();
        var lost = current.Count(account => !answer.Subjects.Contains(account.Subject));
        if (answer.Subjects.Count == 0)
        {
            if (current.Count > 0)
            {
                log.Problem("The rule for administrators finds nobody. Nobody loses the right by such an answer: check the group.");
            }

            return (answer.Subjects, false);
        }

        if (!picture.IsComplete && lost > 0)
        {
            log.Note("Administrators stay: not all people were read.");
            return (answer.Subjects, false);
        }

        if (!force && IsLandslide(lost, current.Count))
        {
            log.Problem(string.Create(CultureInfo.InvariantCulture, $"{lost} of {current.Count} administrators would lose the right. That is held back: synchronise again with force to confirm it."));
            return (answer.Subjects, false);
        }

        return (answer.Subjects, true);
    }

    private AccountChange ChangeOf(KnownAccount account, Dictionary<string, string> leaving, (IReadOnlySet<string> Add, bool MayTakeAway) administrators)
    {
        var person = picture.People.GetValueOrDefault(account.Subject);
        if (leaving.TryGetValue(account.UserId, out var reason))
        {
            return new AccountChange(account) { Disable = reason };
        }

        if (person is null)
        {
            return new AccountChange(account);
        }

        bool? administrator = null;
        if (administrators.Add.Contains(account.Subject) && !account.IsAdministrator)
        {
            administrator = true;
        }
        else if (administrators.MayTakeAway && account.IsAdministrator && account.AdministratorBy == DirectoryPerson.Source && !administrators.Add.Contains(account.Subject))
        {
            administrator = false;
        }

        var texts = person.FullName != account.FullName || person.Email != account.Email || person.Dn.ToString() != account.DistinguishedName;
        return new AccountChange(account)
        {
            Texts = texts ? person : null,
            Enable = account is { IsDisabled: true, DisabledBy: KnownAccount.ByDirectory } && person.DisabledBecause is null,
            Administrator = administrator,
        };
    }

    private void Compare(string teamId, RuleAnswer answer)
    {
        var before = known.MembersOfTeam[teamId].ToHashSet(StringComparer.Ordinal);
        foreach (var subject in answer.Subjects.Where(subject => !_skipped.Contains(subject)))
        {
            if (!_bySubject.TryGetValue(subject, out var account) || (!before.Contains(account.UserId) && !_leaving.Contains(account.UserId)))
            {
                _plan.Joins.Add((teamId, subject));
            }
        }

        var gone = before.Where(id => _byId.TryGetValue(id, out var account) && !answer.Subjects.Contains(account.Subject)).ToList();
        // Whoever is disabled in this run leaves in any case, and is no sign of a mistake with the group.
        var disabled = gone.Where(_leaving.Contains).ToList();
        var others = gone.Where(id => !_leaving.Contains(id)).ToList();
        _plan.Leaves.AddRange(disabled.Select(id => (teamId, id)));
        if (others.Count == 0 || answer.Problem is not null)
        {
            return;
        }

        var name = known.TeamNames.GetValueOrDefault(teamId, teamId);
        var staying = before.Count - disabled.Count;
        if (!picture.IsComplete)
        {
            log.Note(string.Create(CultureInfo.InvariantCulture, $"Team {name}: {others.Count} members stay although they were not found: not all people were read."));
        }
        else if (!force && (answer.Subjects.Count == 0 || IsLandslide(others.Count, staying)))
        {
            log.Problem(string.Create(
                CultureInfo.InvariantCulture, $"Team {name}: {others.Count} of {staying} members would leave. That is held back: synchronise again with force to confirm it."));
        }
        else
        {
            _plan.Leaves.AddRange(others.Select(id => (teamId, id)));
        }
    }

    /// <summary>A rule that somebody took away was not taken away by mistake of the directory.</summary>
    private void LeaveTeamsWithoutRule()
    {
        foreach (var team in known.MembersOfTeam.Where(team => !picture.Teams.ContainsKey(team.Key)))
        {
            _plan.Leaves.AddRange(team.Select(id => (team.Key, id)));
        }
    }

    private static bool IsLandslide(int lost, int of) => lost * 2 > of;
}
