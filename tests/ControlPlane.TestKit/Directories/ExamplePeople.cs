using System.Globalization;

namespace ControlPlane.TestKit.Directories;

/// <summary>
/// What the private OpenLDAP holds: people with awkward names, groups in groups, a circle of groups, and a part of the tree that lives elsewhere.
/// Groups: ops = {alice}, devs = {bob, ops}, "all (nested)" = {devs}, ring-a = {carol, ring-b}, ring-b = {ring-a}.
/// </summary>
internal static class ExamplePeople
{
    private static readonly (string Uid, string DnValue, string Name)[] People =
    [
        ("alice", "alice", "Alice Archer"),
        ("bob", "bob", "Bob Baker"),
        ("carol", "carol", "Carol (Ops) Cole"),
        ("o*neil", "o\\2aneil", "Star O*Neil"),
        ("weird\\back", "weird\\5cback", "Back Slash"),
        ("d,ave", "d\\,ave", "Dave Comma"),
        ("jürg", "jürg", "Jürg Ümlaut"),
    ];

    public static Ldif All(int referralPort)
    {
        var ldif = new Ldif().Entry(OpenLdapServer.BaseDn, ("objectClass", "dcObject"), ("objectClass", "organization"), ("o", "Example"), ("dc", "example"));
        foreach (var unit in (string[])["people", "groups", "system", "away"])
        {
            ldif.Entry($"ou={unit},{OpenLdapServer.BaseDn}", ("objectClass", "organizationalUnit"), ("ou", unit));
        }

        ldif.Entry(
            OpenLdapServer.ServiceDn,
            ("objectClass", "organizationalRole"), ("objectClass", "simpleSecurityObject"), ("cn", "svc"), ("userPassword", OpenLdapServer.ServicePassword));
        foreach (var (uid, dnValue, name) in People)
        {
            ldif.Entry(
                $"uid={dnValue},{OpenLdapServer.PeopleDn}",
                ("objectClass", "inetOrgPerson"), ("uid", uid), ("cn", name), ("sn", "X"), ("mail", Mail(uid)),
                ("userPassword", OpenLdapServer.UserPassword));
        }

        Group(ldif, "ops", Person("alice"));
        Group(ldif, "devs", Person("bob"), GroupDn("ops"));
        Group(ldif, "all (nested)", GroupDn("devs"));
        Group(ldif, "ring-a", Person("carol"));
        Group(ldif, "ring-b", GroupDn("ring-a"));

        // Afterwards: memberOf is written only for members that are there already.
        ldif.Add(GroupDn("ring-a"), "member", GroupDn("ring-b"));
        return ldif.Entry(
            $"ou=remote,ou=away,{OpenLdapServer.BaseDn}",
            ("objectClass", "referral"), ("objectClass", "extensibleObject"), ("ou", "remote"),
            ("ref", string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{referralPort}/ou=people,dc=other,dc=test")));
    }

    public static Ldif Users(int first, int count)
    {
        var ldif = new Ldif();
        for (var i = first; i < first + count; i++)
        {
            var uid = BulkUid(i);
            ldif.Entry(
                Person(uid),
                ("objectClass", "inetOrgPerson"), ("uid", uid), ("cn", $"User {i}"), ("sn", "U"), ("mail", $"{uid}@example.test"), ("userPassword", OpenLdapServer.UserPassword));
        }

        return ldif;
    }

    /// <summary>Groups of <paramref name="size"/> users each; every tenth holds the nine before it too.</summary>
    public static Ldif Groups(int users, int size)
    {
        var ldif = new Ldif();
        for (var (group, at) = (0, 0); at < users; group++, at += size)
        {
            var members = Enumerable.Range(at, Math.Min(size, users - at)).Select(i => Person(BulkUid(i)));
            if (group % 10 == 9)
            {
                members = members.Concat(Enumerable.Range(group - 9, 9).Select(i => GroupDn($"team{i:D4}")));
            }

            Group(ldif, $"team{group:D4}", [.. members]);
        }

        return ldif;
    }

    public static void Group(Ldif ldif, string name, params string[] members) => ldif.Entry(
        GroupDn(name), [("objectClass", "groupOfNames"), ("cn", name), .. members.Select(member => ("member", member))]);

    public static string Person(string dnValue) => $"uid={dnValue},{OpenLdapServer.PeopleDn}";

    public static string GroupDn(string name) => $"cn={name},{OpenLdapServer.GroupsDn}";

    // A mail address is ASCII in the schema.
    private static string Mail(string uid) => string.Concat(uid.Where(char.IsAsciiLetter)) + "@example.test";

    private static string BulkUid(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number:D5}");
}
