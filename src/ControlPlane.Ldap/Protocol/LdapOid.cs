namespace ControlPlane.Ldap.Protocol;

/// <summary>Object identifiers of controls and extended operations.</summary>
internal static class LdapOid
{
    /// <summary>RFC 4511, section 4.14.</summary>
    public const string StartTls = "1.3.6.1.4.1.1466.20037";

    /// <summary>RFC 4511, section 4.4.1.</summary>
    public const string NoticeOfDisconnection = "1.3.6.1.4.1.1466.20036";

    /// <summary>RFC 2696.</summary>
    public const string PagedResults = "1.2.840.113556.1.4.319";

    /// <summary>Active Directory: no references to other domains.</summary>
    public const string DomainScope = "1.2.840.113556.1.4.1339";
}
