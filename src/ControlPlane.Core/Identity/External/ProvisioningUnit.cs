using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity.External;

/// <summary>One unit of work over some people: what the database has about them, and what changes by what their source says.</summary>
internal sealed class ProvisioningUnit
{
    private const int MaximumTextLength = 200;

    private readonly ControlPlaneDb _db;
    private readonly Dictionary<(string Issuer, string Subject), ExternalIdentityEntity> _identities;
    private readonly Dictionary<string, UserEntity> _users;
    private readonly Dictionary<string, UserEntity> _names;
    private readonly ILookup<string, TeamMemberEntity> _memberships;
    private readonly Dictionary<string, string> _teams;

    private ProvisioningUnit(
        ControlPlaneDb db, IEnumerable<ExternalIdentityEntity> identities, IReadOnlyCollection<UserEntity> users,
        IReadOnlyCollection<UserEntity> named, IEnumerable<TeamMemberEntity> memberships, Dictionary<string, string> teams)
    {
        _db = db;
        _identities = identities.ToDictionary(identity => (identity.Issuer, identity.Subject));
        _users = users.ToDictionary(user => user.Id, StringComparer.Ordinal);
        _names = named.ToDictionary(user => user.FoldedName, StringComparer.Ordinal);
        _memberships = memberships.ToLookup(member => member.UserId, StringComparer.Ordinal);
        _teams = teams;
    }

    /// <summary>What access is decided by changes: to be saved through the <see cref="AccessStore"/>.</summary>
    public bool MembershipsChanged { get; private set; }

    public static async Task<ProvisioningUnit> ReadAsync(
        ControlPlaneDb db, IReadOnlyList<ExternalPerson> people, CancellationToken cancellationToken)
    {
        // The names first: whoever made one of these accounts in between is then found by their identity.
        var names = people.Select(person => AccountName.Fold(ExternalName.Of(person))).Distinct(StringComparer.Ordinal).ToList();
        var named = await db.Users.Where(user => names.Contains(user.FoldedName)).ToListAsync(cancellationToken);
        var issuers = people.Select(person => person.Issuer).Distinct(StringComparer.Ordinal).ToList();
        var subjects = people.Select(person => person.Subject).Distinct(StringComparer.Ordinal).ToList();
        var identities = await db.ExternalIdentities
            .Where(identity => issuers.Contains(identity.Issuer) && subjects.Contains(identity.Subject)).ToListAsync(cancellationToken);
        var ids = identities.ConvertAll(identity => identity.UserId);
        var users = await db.Users.Where(user => ids.Contains(user.Id)).ToListAsync(cancellationToken);
        var memberships = await db.TeamMembers.Where(member => ids.Contains(member.UserId)).ToListAsync(cancellationToken);
        var teamIds = people.SelectMany(person => person.TeamIds).Distinct(StringComparer.Ordinal).ToList();
        var teams = await db.Teams.AsNoTracking().Where(team => teamIds.Contains(team.Id))
            .ToDictionaryAsync(team => team.Id, team => team.Name, StringComparer.Ordinal, cancellationToken);
        return new ProvisioningUnit(db, identities, users, named, memberships, teams);
    }

    public ProvisioningOutcome Apply(ExternalPerson person, DateTimeOffset now)
    {
        var outcome = new ProvisioningOutcome();
        if (Impossible(person) is { } impossible)
        {
            return outcome.Refuse(NoAccess, impossible);
        }

        // A team may have gone since the source was asked.
        var teams = person.TeamIds.Where(_teams.ContainsKey).Distinct(StringComparer.Ordinal).ToList();
        var identity = _identities.GetValueOrDefault((person.Issuer, person.Subject));
        var user = identity is null ? null : _users.GetValueOrDefault(identity.UserId);
        outcome.User = user;
        if (user is { DisabledAt: not null } or { Kind: UserKind.Service })
        {
            return outcome.Refuse(new ForbiddenError("account.disabled", "This account is disabled. Ask an administrator."), "the account is disabled");
        }

        if (user is null)
        {
            if (person.RequireTeam && teams.Count == 0 && person.IsAdministrator != true)
            {
                return outcome.Refuse(NoAccess, "belongs to no team");
            }

            var name = ExternalName.Of(person);
            if (_names.TryGetValue(AccountName.Fold(name), out var owner))
            {
                return outcome.Refuse(
                    new ConflictError("account.name_taken", "Your name belongs to another account here. Ask an administrator to rename it."),
                    $"the name {name} belongs to the account {owner.Id} (source {owner.Source}), which is not theirs");
            }

            user = Create(person, name, identity, now);
            outcome.User = user;
            outcome.Changed("users.create", $"by {person.MembershipSource}, subject {person.Subject}", rights: false);
        }
        else
        {
            identity!.LastSeenAt = now.UtcDateTime;
            identity.DistinguishedName = person.DistinguishedName;
        }

        Describe(user, person);
        Join(user, person, teams, now, outcome);
        Appoint(user, person, outcome);
        if (person.RequireTeam && !user.IsAdministrator && !BelongsSomewhere(user, person.MembershipSource, teams))
        {
            // Known from before: what the source took away is taken away, too.
            return outcome.Refuse(NoAccess, "belongs to no team any more");
        }

        return outcome;
    }

    private static ForbiddenError NoAccess => new("auth.no_access", "You are known, but none of your groups gives access here. Ask an administrator.");

    private static string? Impossible(ExternalPerson person) =>
        string.IsNullOrWhiteSpace(person.Issuer) || string.IsNullOrWhiteSpace(person.Subject) ? "has no issuer or subject"
        : person.Subject.Length > 255 || person.Issuer.Length > 500 ? "has a subject or issuer that is too long"
        : person.Source is not ("ldap" or "oidc") || person.MembershipSource is not "ldap" && !person.MembershipSource.StartsWith("oidc:", StringComparison.Ordinal)
            ? "has an unknown source"
        : null;

    private UserEntity Create(ExternalPerson person, string name, ExternalIdentityEntity? stale, DateTimeOffset now)
    {
        var user = new UserEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = name,
            FoldedName = AccountName.Fold(name),
            Source = person.Source,
            CreatedAt = now.UtcDateTime,
            PasswordChangedAt = now.UtcDateTime,
        };
        _db.Users.Add(user);
        _users[user.Id] = user;
        _names[user.FoldedName] = user;
        if (stale is not null)
        {
            // The account of before was removed; the person is the same.
            stale.UserId = user.Id;
            stale.LinkedAt = now.UtcDateTime;
            stale.LastSeenAt = now.UtcDateTime;
            stale.DistinguishedName = person.DistinguishedName;
            return user;
        }

        var identity = new ExternalIdentityEntity
        {
            Issuer = person.Issuer,
            Subject = person.Subject,
            UserId = user.Id,
            DistinguishedName = person.DistinguishedName,
            LinkedAt = now.UtcDateTime,
            LastSeenAt = now.UtcDateTime,
        };
        _db.ExternalIdentities.Add(identity);
        _identities[(identity.Issuer, identity.Subject)] = identity;
        return user;
    }

    private static void Describe(UserEntity user, ExternalPerson person)
    {
        user.FullName = Tidy(person.FullName);
        user.Email = Tidy(person.Email);
    }

    private void Join(UserEntity user, ExternalPerson person, List<string> teams, DateTimeOffset now, ProvisioningOutcome outcome)
    {
        var before = _memberships[user.Id].Where(member => member.Source == person.MembershipSource).ToList();
        var gone = before.Where(member => !teams.Contains(member.TeamId, StringComparer.Ordinal)).ToList();
        var joined = teams.Where(team => !before.Exists(member => member.TeamId == team)).ToList();
        if (gone.Count + joined.Count == 0)
        {
            return;
        }

        _db.TeamMembers.RemoveRange(gone);
        _db.TeamMembers.AddRange(joined.Select(team => new TeamMemberEntity
        {
            TeamId = team,
            UserId = user.Id,
            Source = person.MembershipSource,
            AddedAt = now.UtcDateTime,
        }));
        MembershipsChanged = true;
        var words = joined.Select(team => "joins " + _teams[team]).Concat(gone.Select(member => "leaves team " + member.TeamId));
        outcome.Changed("teams.members", $"{string.Join(", ", words)} by {person.MembershipSource}", rights: true);
    }

    private static void Appoint(UserEntity user, ExternalPerson person, ProvisioningOutcome outcome)
    {
        if (person.IsAdministrator == true && !user.IsAdministrator)
        {
            user.IsAdministrator = true;
            user.AdministratorBy = person.MembershipSource;
            outcome.Changed("users.update", $"administrator by {person.MembershipSource}", rights: true);
        }
        else if (person.IsAdministrator == false && user.IsAdministrator && user.AdministratorBy == person.MembershipSource)
        {
            user.IsAdministrator = false;
            user.AdministratorBy = null;
            outcome.Changed("users.update", $"administrator no more by {person.MembershipSource}", rights: true);
        }
    }

    /// <summary>Memberships that people gave count: only who has none at all is a stranger.</summary>
    private bool BelongsSomewhere(UserEntity user, string source, List<string> teams) =>
        teams.Count > 0 || _memberships[user.Id].Any(member => member.Source != source);

    private static string? Tidy(string? text)
    {
        var tidy = new string([.. (text ?? "").Trim().Where(c => !char.IsControl(c)).Take(MaximumTextLength)]);
        return tidy.Length == 0 ? null : tidy;
    }
}
