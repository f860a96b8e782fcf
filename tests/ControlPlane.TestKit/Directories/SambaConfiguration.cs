namespace ControlPlane.TestKit.Directories;

/// <summary>smb.conf of a private domain controller, and what is put into its directory.</summary>
internal static class SambaConfiguration
{
    /// <summary>LDAP, and what it needs, on one address; everything it writes is below <paramref name="directory"/>.</summary>
    public static string For(string directory, string address) => $"""
        [global]
        netbios name = DC1
        workgroup = {SambaDomain.Workgroup}
        realm = {SambaDomain.Realm}
        server role = active directory domain controller
        server services = ldap, kdc, winbindd
        interfaces = {address}/8
        bind interfaces only = Yes
        idmap_ldb:use rfc2307 = yes
        ldap server require strong auth = allow_sasl_over_tls
        tls enabled = yes
        tls keyfile = {directory}/pki/srv.key
        tls certfile = {directory}/pki/srv.pem
        tls cafile = {directory}/pki/ca.pem
        private dir = {directory}/private
        state directory = {directory}/state
        cache directory = {directory}/cache
        lock directory = {directory}
        binddns dir = {directory}/bind-dns
        pid directory = {directory}/run
        ncalrpc dir = {directory}/run/ncalrpc
        winbindd socket directory = {directory}/run/winbindd
        ntp signd socket directory = {directory}/run/ntp
        log file = {directory}/log.%m
        logging = file
        max log size = 1000
        disable spoolss = yes
        load printers = no

        [sysvol]
        path = {directory}/state/sysvol
        read only = No

        """;

    /// <summary>
    /// alice, bob; gone (disabled), late (account expired), fresh (must change the password); u0 to u49. Groups: ucp-l1 = {alice}, ucp-l2 = {ucp-l1},
    /// ucp-l3 = {ucp-l2}, crowd = {u0 … u49}.
    /// </summary>
    public static string Content()
    {
        var ldif = new Ldif();
        User(ldif, "alice", SambaDomain.AlicePassword, ("givenName", "Alice"), ("sn", "Archer"), ("mail", "alice@example.test"));
        User(ldif, "bob", SambaDomain.BobPassword, ("mail", "bob@example.test"));
        User(ldif, "gone", SambaDomain.GonePassword);
        User(ldif, "late", SambaDomain.LatePassword, ("accountExpires", "125000000000000000"));
        User(ldif, "fresh", SambaDomain.FreshPassword, ("pwdLastSet", "0"));
        for (var i = 0; i < SambaDomain.CrowdSize; i++)
        {
            User(ldif, $"u{i}", $"Passw0rd!{i}");
        }

        Group(ldif, "ucp-l1", Dn("alice"));
        Group(ldif, "ucp-l2", Dn("ucp-l1"));
        Group(ldif, "ucp-l3", Dn("ucp-l2"));
        Group(ldif, "crowd", [.. Enumerable.Range(0, SambaDomain.CrowdSize).Select(i => Dn($"u{i}"))]);
        return ldif.ToString();
    }

    public static string Dn(string name) => $"CN={name},CN=Users,{SambaDomain.BaseDn}";

    private static void User(Ldif ldif, string name, string password, params (string Name, string Value)[] more) => ldif.Entry(
        Dn(name),
        [
            ("objectClass", "user"), ("sAMAccountName", name), ("userPrincipalName", $"{name}@{SambaDomain.Realm.ToLowerInvariant()}"),
            ("userAccountControl", name == "gone" ? "514" : "512"), ("unicodePwd", Utf16(password)), .. more,
        ]);

    // The value is UTF-16; its octets with the high bit are none here, so UTF-8 writes the same.
    private static string Utf16(string password) => string.Concat($"\"{password}\"".Select(character => $"{character}\0"));

    private static void Group(Ldif ldif, string name, params string[] members) => ldif.Entry(
        Dn(name), [("objectClass", "group"), ("sAMAccountName", name), .. members.Select(member => ("member", member))]);
}
