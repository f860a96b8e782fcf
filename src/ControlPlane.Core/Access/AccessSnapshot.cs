using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace ControlPlane.Core.Access;

/// <summary>Who a grant is for.</summary>
public enum SubjectKind
{
    User,
    Team,
    Everyone,
}

/// <summary>Subject × role × collection, as decisions use it.</summary>
public sealed record GrantRecord(string Id, SubjectKind SubjectKind, string SubjectId, string RoleId, string Collection);

/// <summary>A collection, as decisions use it.</summary>
public sealed record CollectionRecord(string Path, string? Description, CollectionPolicy? Policy, long Revision);

/// <summary>A team's name, for explanations.</summary>
public sealed record TeamRecord(string Id, string Name);

/// <summary>
/// Everything that decides about access, immutable: decisions read one snapshot without locks. <see cref="AccessStore"/> publishes the next.
/// </summary>
public sealed class AccessSnapshot
{
    public static readonly AccessSnapshot Empty = new(0, [], [], [], [], []);

    private readonly FrozenDictionary<string, string[]> _teamsOf;
    private readonly FrozenDictionary<(SubjectKind Kind, string Id), GrantRecord[]> _grantsOf;
    private readonly ConcurrentDictionary<string, SubjectRights> _rights = new(StringComparer.Ordinal);

    public AccessSnapshot(
        long version,
        IReadOnlyCollection<RoleDefinition> customRoles,
        IReadOnlyCollection<CollectionRecord> collections,
        IReadOnlyCollection<TeamRecord> teams,
        IReadOnlyCollection<(string TeamId, string UserId)> members,
        IReadOnlyCollection<GrantRecord> grants)
    {
        Version = version;
        Roles = BuiltInRoles.All.Concat(customRoles).ToFrozenDictionary(role => role.Id, StringComparer.Ordinal);
        Collections = Access.Collections.BuiltIn.Select(path => new CollectionRecord(path, null, null, 0))
            .Concat(collections).GroupBy(collection => collection.Path, StringComparer.Ordinal)
            .ToFrozenDictionary(same => same.Key, same => same.Last(), StringComparer.Ordinal);
        Teams = teams.ToFrozenDictionary(team => team.Id, StringComparer.Ordinal);
        Grants = [.. grants];
        _teamsOf = members.GroupBy(member => member.UserId, StringComparer.Ordinal)
            .ToFrozenDictionary(of => of.Key, of => of.Select(member => member.TeamId).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        _grantsOf = Grants.GroupBy(grant => (grant.SubjectKind, grant.SubjectId)).ToFrozenDictionary(of => of.Key, of => of.ToArray());
    }

    public long Version { get; }

    public FrozenDictionary<string, RoleDefinition> Roles { get; }

    /// <summary>By path; the built-in ones are always there.</summary>
    public FrozenDictionary<string, CollectionRecord> Collections { get; }

    public FrozenDictionary<string, TeamRecord> Teams { get; }

    public IReadOnlyList<GrantRecord> Grants { get; }

    public IReadOnlyList<string> TeamsOf(string userId) => _teamsOf.GetValueOrDefault(userId) ?? [];

    /// <summary>Grants to the user, to their teams and to everyone.</summary>
    public IEnumerable<GrantRecord> GrantsFor(string userId)
    {
        foreach (var grant in _grantsOf.GetValueOrDefault((SubjectKind.User, userId)) ?? [])
        {
            yield return grant;
        }

        foreach (var team in TeamsOf(userId))
        {
            foreach (var grant in _grantsOf.GetValueOrDefault((SubjectKind.Team, team)) ?? [])
            {
                yield return grant;
            }
        }

        foreach (var grant in _grantsOf.GetValueOrDefault((SubjectKind.Everyone, "")) ?? [])
        {
            yield return grant;
        }
    }

    /// <summary>The union of the user's grants, worked out once per user and snapshot.</summary>
    public SubjectRights RightsOf(string userId) =>
        _rights.TryGetValue(userId, out var known) ? known : _rights.GetOrAdd(userId, static (id, snapshot) => new SubjectRights(snapshot.GrantsFor(id), snapshot.Roles), this);
}
