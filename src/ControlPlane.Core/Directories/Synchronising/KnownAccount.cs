using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>An account that belongs to somebody of the directory, as it is before the run.</summary>
internal sealed record KnownAccount(
    string UserId, string Name, string Subject, string? DistinguishedName, string? FullName, string? Email, bool IsAdministrator, string? AdministratorBy,
    bool IsDisabled, string? DisabledBy)
{
    /// <summary>The word of <see cref="UserEntity.DisabledBy"/> for what the directory did, and may undo.</summary>
    public const string ByDirectory = "directory";
}

/// <summary>What the database knows before the run.</summary>
internal sealed record KnownState(
    IReadOnlyList<KnownAccount> Accounts, IReadOnlySet<string> TakenNames, ILookup<string, string> MembersOfTeam, IReadOnlyDictionary<string, string> TeamNames)
{
    public static async Task<KnownState> ReadAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        var accounts = await db.ExternalIdentities.AsNoTracking().Where(identity => identity.Issuer == DirectoryPerson.Source)
            .Join(db.Users.Where(user => user.Kind == UserKind.Person), identity => identity.UserId, user => user.Id, (identity, user) => new KnownAccount(
                user.Id, user.Name, identity.Subject, identity.DistinguishedName, user.FullName, user.Email, user.IsAdministrator, user.AdministratorBy,
                user.DisabledAt != null, user.DisabledBy))
            .ToListAsync(cancellationToken);
        var names = await db.Users.AsNoTracking().Select(user => user.FoldedName).ToListAsync(cancellationToken);
        var members = await db.TeamMembers.AsNoTracking().Where(member => member.Source == DirectoryPerson.Source)
            .Select(member => new { member.TeamId, member.UserId }).ToListAsync(cancellationToken);
        var teams = await db.Teams.AsNoTracking().ToDictionaryAsync(team => team.Id, team => team.Name, StringComparer.Ordinal, cancellationToken);
        return new KnownState(
            accounts, names.ToHashSet(StringComparer.Ordinal), members.ToLookup(member => member.TeamId, member => member.UserId, StringComparer.Ordinal), teams);
    }
}
