namespace ControlPlane.TestKit.Directories;

/// <summary>The configuration database of a private slapd.</summary>
internal static class OpenLdapConfiguration
{
    public static string For(string directory)
    {
        var ldif = new Ldif().Entry(
            "cn=config",
            ("objectClass", "olcGlobal"), ("cn", "config"),
            ("olcPidFile", $"{directory}/run/slapd.pid"), ("olcArgsFile", $"{directory}/run/slapd.args"),
            ("olcTLSCACertificateFile", $"{directory}/pki/ca.pem"), ("olcTLSCertificateFile", $"{directory}/pki/srv.pem"),
            ("olcTLSCertificateKeyFile", $"{directory}/pki/srv.key"), ("olcTLSVerifyClient", "never"));
        ldif.Entry(
            "cn=module{0},cn=config",
            ("objectClass", "olcModuleList"), ("cn", "module{0}"), ("olcModulePath", "/usr/lib/ldap"),
            ("olcModuleLoad", "back_mdb"), ("olcModuleLoad", "memberof"), ("olcModuleLoad", "refint"));
        ldif.Entry("cn=schema,cn=config", ("objectClass", "olcSchemaConfig"), ("cn", "schema"));
        foreach (var schema in (string[])["core", "cosine", "inetorgperson", "nis"])
        {
            ldif.Raw($"include: file:///etc/ldap/schema/{schema}.ldif");
        }

        ldif.Entry(
            "olcDatabase={-1}frontend,cn=config",
            ("objectClass", "olcDatabaseConfig"), ("objectClass", "olcFrontendConfig"), ("olcDatabase", "{-1}frontend"), ("olcSizeLimit", "500"));
        ldif.Entry(
            "olcDatabase={0}config,cn=config",
            ("objectClass", "olcDatabaseConfig"), ("olcDatabase", "{0}config"), ("olcRootDN", "cn=config"), ("olcRootPW", OpenLdapServer.AdminPassword));

        // Unpaged searches end at 500 entries, paged ones go on to the end. Nothing needs to outlive the machine: no sync.
        ldif.Entry(
            "olcDatabase={1}mdb,cn=config",
            ("objectClass", "olcDatabaseConfig"), ("objectClass", "olcMdbConfig"), ("olcDatabase", "{1}mdb"), ("olcSuffix", OpenLdapServer.BaseDn),
            ("olcRootDN", OpenLdapServer.AdminDn), ("olcRootPW", OpenLdapServer.AdminPassword), ("olcDbDirectory", $"{directory}/db"),
            ("olcDbIndex", "objectClass eq"), ("olcDbIndex", "entryUUID eq"), ("olcDbIndex", "uid,mail,cn eq,pres,sub"), ("olcDbIndex", "member,memberOf eq"),
            ("olcDbMaxSize", "1073741824"), ("olcDbNoSync", "TRUE"),
            ("olcSizeLimit", "size.soft=500 size.hard=500 size.prtotal=unlimited"),
            ("olcAccess", "{0}to attrs=userPassword by self write by anonymous auth by * none"),
            ("olcAccess", $"{{1}}to * by dn.exact=\"{OpenLdapServer.ServiceDn}\" read by self read by * none"));
        ldif.Entry(
            "olcOverlay=memberof,olcDatabase={1}mdb,cn=config",
            ("objectClass", "olcOverlayConfig"), ("objectClass", "olcMemberOf"), ("olcOverlay", "memberof"), ("olcMemberOfGroupOC", "groupOfNames"),
            ("olcMemberOfMemberAD", "member"), ("olcMemberOfMemberOfAD", "memberOf"), ("olcMemberOfRefInt", "TRUE"), ("olcMemberOfDangling", "ignore"));
        ldif.Entry(
            "olcOverlay=refint,olcDatabase={1}mdb,cn=config",
            ("objectClass", "olcOverlayConfig"), ("objectClass", "olcRefintConfig"), ("olcOverlay", "refint"), ("olcRefintAttribute", "member"));
        return ldif.ToString();
    }
}
