using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>What a user search asks the server.</summary>
internal static class PersonSearch
{
    /// <summary>Everybody.</summary>
    public static LdapSearch All(DirectorySettings settings, UserSearch search) => new()
    {
        BaseDn = search.BaseDn,
        Scope = search.ScopeSubtree ? LdapScope.Subtree : LdapScope.OneLevel,
        Filter = FilterOf(search) ?? LdapFilter.Present("objectClass"),
        Attributes = DirectoryPerson.Attributes(settings, search),
    };

    /// <summary>Whoever has this name. The name is a value of the filter, never a part of its text: no character of it means anything.</summary>
    public static LdapSearch Named(DirectorySettings settings, UserSearch search, string name)
    {
        IReadOnlyList<string> attributes = settings.SignInAttributes.Count > 0 ? settings.SignInAttributes : [search.UserNameAttribute];
        var named = attributes is [var only] ? LdapFilter.Equal(only, name) : LdapFilter.Or([.. attributes.Select(attribute => LdapFilter.Equal(attribute, name))]);
        return All(settings, search) with
        {
            Filter = FilterOf(search) is { } filter ? LdapFilter.And(filter, named) : named,

            // Two are one too many already.
            SizeLimit = 2,
            PageSize = 0,
        };
    }

    public static LdapFilter? FilterOf(UserSearch search) => search.Filter is null ? null : LdapFilter.Parse(search.Filter);

    /// <summary>The group that people of this search must belong to.</summary>
    public static TeamDirectoryRule? GroupOf(UserSearch search) =>
        search.MatchGroup ? new TeamDirectoryRule { GroupDn = search.GroupDn, MemberAttribute = search.MemberAttribute } : null;

    public static bool Covers(UserSearch search, DistinguishedName dn)
    {
        var baseDn = DistinguishedName.Parse(search.BaseDn);
        return search.ScopeSubtree ? dn.IsWithin(baseDn) : baseDn.Equals(dn.Parent);
    }
}
