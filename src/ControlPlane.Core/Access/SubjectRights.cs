using System.Collections.Concurrent;

namespace ControlPlane.Core.Access;

/// <summary>What somebody may where: the union of grants on a collection and on those above it.</summary>
public sealed class SubjectRights
{
    // Collections are chosen by people, but the path asked for may be anything: bounded.
    private const int MaxKnown = 4096;

    private readonly Dictionary<string, PermissionSet> _granted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PermissionSet> _known = new(StringComparer.Ordinal);

    internal SubjectRights(IEnumerable<GrantRecord> grants, IReadOnlyDictionary<string, RoleDefinition> roles)
    {
        foreach (var grant in grants)
        {
            if (roles.TryGetValue(grant.RoleId, out var role))
            {
                _granted[grant.Collection] = _granted.GetValueOrDefault(grant.Collection) | role.Permissions;
                Anywhere |= role.Permissions;
            }
        }
    }

    /// <summary>Rights that there are on some collection.</summary>
    public PermissionSet Anywhere { get; }

    /// <summary>The collections that grants were given on.</summary>
    public IReadOnlyDictionary<string, PermissionSet> Granted => _granted;

    public PermissionSet On(string collection)
    {
        if (_known.TryGetValue(collection, out var known))
        {
            return known;
        }

        var rights = PermissionSet.None;
        for (var path = collection; path is not null; path = CollectionPath.Parent(path))
        {
            rights |= _granted.GetValueOrDefault(path);
        }

        if (_known.Count < MaxKnown)
        {
            _known[collection] = rights;
        }

        return rights;
    }
}
