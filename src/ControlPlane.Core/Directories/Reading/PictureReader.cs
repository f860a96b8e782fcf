using System.Globalization;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Identity;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>Reads the whole picture for one synchronisation. What goes wrong is noted, and makes the picture incomplete; it never throws for the directory's sake.</summary>
internal sealed class PictureReader(DirectoryConfiguration configuration, DirectoryConnector connector, TimeProvider clock, SyncLog log) : IAsyncDisposable
{
    // Members that are no users we know are asked for one by one: groups in groups, and people outside the searches.
    private const int MostLookUps = 50_000;

    private readonly DirectorySettings _settings = configuration.Settings;
    private readonly Dictionary<string, DirectorySession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DirectoryPerson> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _subjectsByDn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _subjectsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>?> _groups = new(StringComparer.Ordinal);
    private int _lookUps;

    public async Task<DirectoryPicture> ReadAsync(IReadOnlyList<TeamRule> rules, CancellationToken cancellationToken)
    {
        var complete = true;
        foreach (var (search, number) in _settings.Searches.Select((search, index) => (search, index + 1)))
        {
            complete &= await ReadPeopleAsync(search, number, cancellationToken);
        }

        var teams = new Dictionary<string, RuleAnswer>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            teams[rule.TeamId] = Noted($"Team {rule.TeamName}", await AnswerAsync(rule.Rule, cancellationToken));
        }

        var administrators = _settings.Administrators is { } asked ? Noted("Administrators", await AnswerAsync(asked, cancellationToken)) : null;
        return new DirectoryPicture { People = _people, IsComplete = complete, Teams = teams, Administrators = administrators };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    private RuleAnswer Noted(string what, RuleAnswer answer)
    {
        if (answer.Problem is { } problem)
        {
            log.Problem($"{what}: {problem} Nobody is taken away.");
        }

        return answer;
    }

    private async Task<bool> ReadPeopleAsync(UserSearch search, int number, CancellationToken cancellationToken)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"Search {number} ({search.BaseDn})");
        var (session, failure) = await SessionAsync(DistinguishedName.Parse(search.BaseDn), cancellationToken);
        if (session is null)
        {
            log.Problem($"{what}: {failure}");
            return false;
        }

        HashSet<string>? members = null;
        if (PersonSearch.GroupOf(search) is { } group)
        {
            var (names, problem) = await MembersAsync(group, cancellationToken);
            if (problem is not null)
            {
                log.Problem($"{what}: {problem}");
                return false;
            }

            if (search.IterateMembers)
            {
                return await ReadOneByOneAsync(search, what, names, cancellationToken);
            }

            members = [.. names.Select(name => DirectoryGroups.IsOfNames(search.MemberAttribute) ? AccountName.Fold(name) : KeyOf(name))];
        }

        var found = await session.FindAsync(PersonSearch.All(_settings, search), cancellationToken);
        var kept = 0;
        foreach (var entry in found.Entries)
        {
            if (members is null || members.Contains(DirectoryGroups.IsOfNames(search.MemberAttribute) ? AccountName.Fold(entry.First(search.UserNameAttribute)) : KeyOf(entry.Dn)))
            {
                kept += Take(entry, search, what) ? 1 : 0;
            }
        }

        log.Note(string.Create(CultureInfo.InvariantCulture, $"{what}: {found.Entries.Count} entries, {kept} people, by {session.Server.Url}."));
        return Judge(what, kept, found.Problem);
    }

    private async Task<bool> ReadOneByOneAsync(UserSearch search, string what, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var kept = 0;
        var attributes = DirectoryPerson.Attributes(_settings, search);
        var filter = PersonSearch.FilterOf(search);
        foreach (var name in names)
        {
            if (!DistinguishedName.TryParse(name, out var dn, out _) || !PersonSearch.Covers(search, dn))
            {
                continue;
            }

            var (session, failure) = await SessionAsync(DistinguishedName.Parse(search.BaseDn), cancellationToken);
            var (entry, problem) = session is null ? (null, null) : await session.GetAsync(dn, filter, attributes, cancellationToken);
            if (session is null || problem is not null)
            {
                log.Problem($"{what}: {problem?.ToString() ?? failure}");
                return false;
            }

            kept += entry is not null && Take(entry, search, what) ? 1 : 0;
        }

        log.Note(string.Create(CultureInfo.InvariantCulture, $"{what}: {names.Count} members, {kept} people."));
        return Judge(what, kept, null);
    }

    private bool Judge(string what, int kept, DirectoryProblem? problem)
    {
        if (problem is not null)
        {
            log.Problem($"{what}: cut off. {problem}");
            return false;
        }

        if (kept == 0)
        {
            log.Problem($"{what}: found nobody. Check the base, the filter and what the reader may see. Nobody is disabled by such an answer.");
            return false;
        }

        return true;
    }

    private bool Take(LdapEntry entry, UserSearch search, string what)
    {
        var person = DirectoryPerson.Read(entry, _settings, search, clock.GetUtcNow(), out var flaw);
        if (person is null)
        {
            log.Note($"{what}: skipped {flaw}.");
            return false;
        }

        // Two searches that find the same: the first counts.
        _subjectsByDn.TryAdd(person.Dn.Key, person.Subject);
        if (!_people.TryAdd(person.Subject, person))
        {
            return true;
        }

        _subjectsByName.TryAdd(AccountName.Fold(person.Name), person.Subject);
        return true;
    }

    private async Task<RuleAnswer> AnswerAsync(TeamDirectoryRule rule, CancellationToken cancellationToken)
    {
        if (rule.GroupDn is not null && _settings.NestedGroups == NestedGroups.AdChain && !DirectoryGroups.IsOfNames(rule.MemberAttribute ?? ""))
        {
            return await ChainAsync(rule, cancellationToken);
        }

        if (rule.GroupDn is not null)
        {
            var (names, problem) = await MembersAsync(rule, cancellationToken);
            return new RuleAnswer(
                DirectoryGroups.IsOfNames(rule.MemberAttribute ?? "member")
                    ? [.. names.Select(name => _subjectsByName.GetValueOrDefault(AccountName.Fold(name))).OfType<string>()]
                    : SubjectsOf(names),
                problem);
        }

        var baseDn = DistinguishedName.Parse(rule.BaseDn!);
        var (session, failure) = await SessionAsync(baseDn, cancellationToken);
        if (session is null)
        {
            return RuleAnswer.Failed(failure);
        }

        var found = await session.FindAsync(
            new LdapSearch
            {
                BaseDn = rule.BaseDn!,
                Scope = rule.Subtree ? LdapScope.Subtree : LdapScope.OneLevel,
                Filter = string.IsNullOrWhiteSpace(rule.Filter) ? LdapFilter.Present("objectClass") : LdapFilter.Parse(rule.Filter),
                Attributes = ["1.1"],
            },
            cancellationToken);
        return new RuleAnswer(SubjectsOf(found.Entries.Select(entry => entry.Dn)), found.Problem?.ToString());
    }

    /// <summary>Active Directory says itself who is in a group through others: asked within each search, for only their people count.</summary>
    private async Task<RuleAnswer> ChainAsync(TeamDirectoryRule rule, CancellationToken cancellationToken)
    {
        var group = DistinguishedName.Parse(rule.GroupDn!);
        var (holder, trouble) = await SessionAsync(group, cancellationToken);
        var (there, problem) = holder is null ? (null, null) : await holder.GetAsync(group, null, ["1.1"], cancellationToken);
        if (there is null)
        {
            return RuleAnswer.Failed(problem?.ToString() ?? (holder is null ? trouble : Missing(rule)));
        }

        var subjects = new HashSet<string>(StringComparer.Ordinal);
        foreach (var search in _settings.Searches)
        {
            var (session, failure) = await SessionAsync(DistinguishedName.Parse(search.BaseDn), cancellationToken);
            if (session is null)
            {
                return new RuleAnswer(subjects, failure);
            }

            var inChain = LdapFilter.MatchesInChain("memberOf", there.Dn);
            var found = await session.FindAsync(
                PersonSearch.All(_settings, search) with { Filter = PersonSearch.FilterOf(search) is { } filter ? LdapFilter.And(filter, inChain) : inChain, Attributes = ["1.1"] },
                cancellationToken);
            subjects.UnionWith(SubjectsOf(found.Entries.Select(entry => entry.Dn)));
            if (found.Problem is not null)
            {
                return new RuleAnswer(subjects, found.Problem.ToString());
            }
        }

        return new RuleAnswer(subjects, null);
    }

    /// <summary>The members of a group as its entries name them, through groups in groups when the settings say so.</summary>
    private async Task<(IReadOnlyCollection<string> Names, string? Problem)> MembersAsync(TeamDirectoryRule rule, CancellationToken cancellationToken)
    {
        var attribute = rule.MemberAttribute ?? "member";
        var top = DistinguishedName.Parse(rule.GroupDn!);
        var (direct, failure) = await GroupAsync(top, attribute, cancellationToken);
        if (direct is null)
        {
            return ([], failure ?? Missing(rule));
        }

        if (DirectoryGroups.IsOfNames(attribute))
        {
            return (direct, null);
        }

        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        var met = new HashSet<string>(StringComparer.Ordinal) { top.Key };
        var level = direct;
        for (var depth = 1; level.Count > 0; depth++)
        {
            var next = new List<string>();
            foreach (var name in level)
            {
                // Whom it has met it does not meet again: circles end here.
                if (!DistinguishedName.TryParse(name, out var dn, out _) || !met.Add(dn.Key))
                {
                    continue;
                }

                members.TryAdd(dn.Key, name);
                if (_settings.NestedGroups == NestedGroups.Off || depth >= DirectoryGroups.MostLevels || _subjectsByDn.ContainsKey(dn.Key))
                {
                    continue;
                }

                var (nested, problem) = await GroupAsync(dn, attribute, cancellationToken);
                if (problem is not null)
                {
                    return (members.Values, problem);
                }

                next.AddRange(nested ?? []);
            }

            level = next;
        }

        return (members.Values, null);
    }

    /// <summary>What the entry names as members; null when there is no such entry.</summary>
    private async Task<(IReadOnlyList<string>? Members, string? Problem)> GroupAsync(DistinguishedName dn, string attribute, CancellationToken cancellationToken)
    {
        var key = attribute + "\n" + dn.Key;
        if (_groups.TryGetValue(key, out var known))
        {
            return (known, null);
        }

        if (++_lookUps > MostLookUps)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"More than {MostLookUps} members are neither users of the searches nor known groups. Narrow the group, or widen the searches."));
        }

        var (session, failure) = await SessionAsync(dn, cancellationToken);
        if (session is null)
        {
            return (null, failure);
        }

        var (entry, problem) = await session.GetAsync(dn, null, [attribute], cancellationToken);
        if (problem is not null)
        {
            return (null, problem.ToString());
        }

        IReadOnlyList<string>? members = entry is null ? null : [.. entry.All(attribute).Select(value => WithoutUid(value, attribute))];
        _groups[key] = members;
        return (members, null);
    }

    // "Name and optional UID" (RFC 4517): the name is what counts.
    private static string WithoutUid(string value, string attribute) =>
        attribute.Equals("uniqueMember", StringComparison.OrdinalIgnoreCase) && value.EndsWith("'B", StringComparison.Ordinal) && value.LastIndexOf('#') is > 0 and var at ? value[..at] : value;

    private async Task<(DirectorySession? Session, string Failure)> SessionAsync(DistinguishedName baseDn, CancellationToken cancellationToken)
    {
        var servers = ServerChoice.For(_settings.Servers, baseDn);
        var key = servers.Count == 0 ? "" : servers[0].Key + "\n" + servers[0].Domain;
        if (_sessions.TryGetValue(key, out var session))
        {
            if (session.IsUsable)
            {
                return (session, "");
            }

            _sessions.Remove(key);
            await session.DisposeAsync();
        }

        var opening = await connector.OpenAsync(configuration, baseDn, cancellationToken);
        foreach (var problem in opening.Problems)
        {
            log.Note(problem.ToString());
        }

        if (opening.Session is not { } opened)
        {
            return (null, opening.Why);
        }

        _sessions[key] = opened;
        return (opened, "");
    }

    private HashSet<string> SubjectsOf(IEnumerable<string> names) =>
        [.. names.Select(name => _subjectsByDn.GetValueOrDefault(KeyOf(name))).OfType<string>()];

    private static string KeyOf(string name) => DistinguishedName.TryParse(name, out var dn, out _) ? dn.Key : name;

    private static string Missing(TeamDirectoryRule rule) => $"The group {rule.GroupDn} is not there, or hidden from the reader.";
}
