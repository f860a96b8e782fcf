using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Passwords;

/// <summary>What follows from who a person is: their teams, whether they administer, whether they may have an account. Sign-in and the test panel share it.</summary>
internal sealed class PersonVerdict(DirectorySettings settings, DirectorySession session, IDbContextFactory<ControlPlaneDb> databases)
{
    private readonly List<string> _notes = [];

    public DirectoryGroups Groups { get; } = new(settings, session);

    public async Task<Verdict> JudgeAsync(DirectoryPerson person, UserSearch search, CancellationToken cancellationToken)
    {
        if (PersonSearch.GroupOf(search) is { } required)
        {
            var (belongs, problem) = await Groups.FitsAsync(person, required, cancellationToken);
            if (problem is not null || !belongs)
            {
                return new Verdict { Problem = problem, Refusal = problem is null ? $"does not belong to {search.GroupDn}" : null, IsStranger = true };
            }
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var account = await db.ExternalIdentities.AsNoTracking()
            .Where(identity => identity.Issuer == DirectoryPerson.Source && identity.Subject == person.Subject)
            .Join(db.Users, identity => identity.UserId, user => user.Id, (identity, user) => user)
            .AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        var teams = new List<TeamRule>();
        var memberOf = account is null ? [] : await db.TeamMembers.AsNoTracking()
            .Where(member => member.UserId == account.Id && member.Source == DirectoryPerson.Source).Select(member => member.TeamId).ToListAsync(cancellationToken);
        foreach (var rule in await TeamRule.ReadAllAsync(db, cancellationToken))
        {
            var (fits, problem) = await Groups.FitsAsync(person, rule.Rule, cancellationToken);
            if (problem is not null)
            {
                return new Verdict { Problem = problem };
            }

            if (fits || (memberOf.Contains(rule.TeamId, StringComparer.Ordinal) && await IsSilentAsync(rule.Rule, $"team {rule.TeamName}", cancellationToken)))
            {
                teams.Add(rule);
            }
        }

        bool? administers = null;
        if (settings.Administrators is { } administrators)
        {
            var (fits, problem) = await Groups.FitsAsync(person, administrators, cancellationToken);
            if (problem is not null)
            {
                return new Verdict { Problem = problem };
            }

            administers = fits || account?.AdministratorBy != DirectoryPerson.Source ? fits
                : await IsSilentAsync(administrators, "administrators", cancellationToken) ? null : false;
        }

        return new Verdict
        {
            Teams = teams,
            IsAdministrator = administers,
            Account = account,
            Notes = _notes,
            Refusal = account is not null ? null
                : !settings.JustInTimeProvisioning ? "was not synchronised, and accounts are not made at sign-in"
                : !person.HasValidName ? "has a name that no account can have"
                : null,
        };
    }

    /// <summary>A group that is gone, or hidden from the reader, or without any member, says nothing: nobody loses anything by it at a sign-in.</summary>
    private async Task<bool> IsSilentAsync(TeamDirectoryRule rule, string what, CancellationToken cancellationToken)
    {
        if (rule.GroupDn is null)
        {
            return false;
        }

        var (group, _) = await session.GetAsync(
            DistinguishedName.Parse(rule.GroupDn), LdapFilter.Present(rule.MemberAttribute ?? "member"), ["1.1"], cancellationToken);
        if (group is null)
        {
            _notes.Add($"the group of {what} is not there or empty: membership stays until a synchronisation decides.");
        }

        return group is null;
    }
}

/// <summary>See <see cref="PersonVerdict"/>.</summary>
internal sealed record Verdict
{
    public IReadOnlyList<TeamRule> Teams { get; init; } = [];

    public bool? IsAdministrator { get; init; }

    /// <summary>The account of this identity, when there is one.</summary>
    public UserEntity? Account { get; init; }

    public DirectoryProblem? Problem { get; init; }

    /// <summary>Why they are not let in.</summary>
    public string? Refusal { get; init; }

    /// <summary>The settings do not count them among the users: like nobody.</summary>
    public bool IsStranger { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];
}
