using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>Which of some rules one person fits, asked from the person upwards: for a sign-in, where reading whole groups would be too much.</summary>
internal sealed class DirectoryGroups(DirectorySettings settings, DirectorySession session)
{
    /// <summary>Groups in groups deeper than this are a mistake, or an attack.</summary>
    public const int MostLevels = 10;

    private const int MostGroups = 5000;

    // Of names in one filter: servers limit its length.
    private const int NamesPerFilter = 50;

    private readonly Dictionary<string, GroupSet> _groups = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The groups that were found, of all attributes asked for.</summary>
    public IReadOnlyDictionary<string, GroupSet> Known => _groups;

    /// <summary>Whether the person fits the rule.</summary>
    public async Task<(bool Fits, DirectoryProblem? Problem)> FitsAsync(DirectoryPerson person, TeamDirectoryRule rule, CancellationToken cancellationToken)
    {
        if (rule.GroupDn is not null)
        {
            var group = DistinguishedName.Parse(rule.GroupDn);
            var attribute = rule.MemberAttribute ?? "member";
            if (IsOfNames(attribute))
            {
                var (entry, problem) = await session.GetAsync(group, LdapFilter.Equal(attribute, person.Name), ["1.1"], cancellationToken);
                return (entry is not null, problem);
            }

            var groups = await GroupsOfAsync(person.Dn, group, attribute, cancellationToken);
            return (groups.All.ContainsKey(group.Key), groups.Problem);
        }

        var baseDn = DistinguishedName.Parse(rule.BaseDn!);
        if (rule.Subtree ? !person.Dn.IsWithin(baseDn) : !baseDn.Equals(person.Dn.Parent))
        {
            return (false, null);
        }

        var filter = string.IsNullOrWhiteSpace(rule.Filter) ? null : LdapFilter.Parse(rule.Filter);
        var (found, trouble) = await session.GetAsync(person.Dn, filter, ["1.1"], cancellationToken);
        return (found is not null, trouble);
    }

    /// <summary>Lists names of accounts instead of distinguished names (RFC 2307).</summary>
    public static bool IsOfNames(string attribute) => string.Equals(attribute, "memberUid", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where groups that may hold this one are: the whole domain, as its name shows it.</summary>
    public static DistinguishedName DomainOf(DistinguishedName dn)
    {
        var at = dn;
        while (at.Parent is { IsRoot: false } parent && !at.Components.All(component => component.Parts is [{ Type: var type }] && type.Equals("dc", StringComparison.OrdinalIgnoreCase)))
        {
            at = parent;
        }

        return at;
    }

    /// <summary>The groups of a person: direct ones, and with nesting those above them.</summary>
    public async Task<GroupSet> GroupsOfAsync(DistinguishedName person, DistinguishedName group, string attribute, CancellationToken cancellationToken)
    {
        var domain = DomainOf(group);
        var key = attribute + "\n" + domain.Key;
        if (_groups.TryGetValue(key, out var known))
        {
            return known;
        }

        return _groups[key] = settings.NestedGroups == NestedGroups.AdChain
            ? await ChainAsync(person, domain, attribute, cancellationToken)
            : await WalkAsync(person, domain, attribute, settings.NestedGroups == NestedGroups.Walk ? MostLevels : 1, cancellationToken);
    }

    private async Task<GroupSet> ChainAsync(DistinguishedName person, DistinguishedName domain, string attribute, CancellationToken cancellationToken)
    {
        var direct = await SearchAsync(domain, LdapFilter.Equal(attribute, person.ToString()), cancellationToken);
        var all = await SearchAsync(domain, LdapFilter.MatchesInChain(attribute, person.ToString()), cancellationToken);
        return new GroupSet(Names(direct.Entries), Names(all.Entries), direct.Problem ?? all.Problem);
    }

    private async Task<GroupSet> WalkAsync(DistinguishedName person, DistinguishedName domain, string attribute, int levels, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, DistinguishedName>(StringComparer.Ordinal);
        var direct = new Dictionary<string, DistinguishedName>(StringComparer.Ordinal);
        List<DistinguishedName> frontier = [person];
        for (var level = 0; level < levels && frontier.Count > 0; level++)
        {
            var next = new List<DistinguishedName>();
            foreach (var chunk in frontier.Chunk(NamesPerFilter))
            {
                var found = await SearchAsync(domain, LdapFilter.Or([.. chunk.Select(dn => LdapFilter.Equal(attribute, dn.ToString()))]), cancellationToken);
                if (found.Problem is { } problem)
                {
                    return new GroupSet(direct, all, problem);
                }

                // Whom it has met it does not meet again: circles end here.
                next.AddRange(Names(found.Entries).Where(group => all.TryAdd(group.Key, group.Value)).Select(group => group.Value));
            }

            if (level == 0)
            {
                direct = new Dictionary<string, DistinguishedName>(all, StringComparer.Ordinal);
            }

            if (all.Count > MostGroups)
            {
                return new GroupSet(direct, all, new DirectoryProblem(
                    session.Server.Url, LdapErrorKind.SizeLimitExceeded, $"{DirectoryPerson.Tidy(person.ToString())} belongs to more than {MostGroups} groups.", "Turn nested groups off."));
            }

            frontier = next;
        }

        return new GroupSet(direct, all, null);
    }

    private async Task<Found> SearchAsync(DistinguishedName domain, LdapFilter filter, CancellationToken cancellationToken) =>
        await session.FindAsync(new LdapSearch { BaseDn = domain.ToString(), Filter = filter, Attributes = ["1.1"] }, cancellationToken);

    private static Dictionary<string, DistinguishedName> Names(IReadOnlyList<LdapEntry> entries)
    {
        var names = new Dictionary<string, DistinguishedName>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (DistinguishedName.TryParse(entry.Dn, out var name, out _))
            {
                names.TryAdd(name.Key, name);
            }
        }

        return names;
    }
}

/// <summary>The groups of a person, by <see cref="DistinguishedName.Key"/>.</summary>
internal sealed record GroupSet(Dictionary<string, DistinguishedName> Direct, Dictionary<string, DistinguishedName> All, DirectoryProblem? Problem);
