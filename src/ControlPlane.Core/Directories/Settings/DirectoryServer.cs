using System.Text.Json.Serialization;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>A directory server and the account that reads it.</summary>
public sealed record DirectoryServer
{
    /// <summary><c>ldaps://host[:port]</c> or <c>ldap://host[:port]</c>. The certificate must be for this host.</summary>
    public required string Url { get; init; }

    /// <summary>The part of the tree it is asked for; null = all that no other server is for. The longest suffix of a base DN decides.</summary>
    public string? Domain { get; init; }

    /// <summary>TLS before anything else is said, on <c>ldap://</c>; means nothing with <c>ldaps://</c>.</summary>
    public bool StartTls { get; init; }

    /// <summary>Accepts that passwords cross the network readable: needed for <c>ldap://</c> without TLS.</summary>
    public bool AllowPlainLdap { get; init; }

    /// <summary>PEM of the authorities that may have signed its certificate; null = those the system trusts.</summary>
    public string? RootCertificates { get; init; }

    /// <summary>Takes any certificate. Whoever is on the way can read the passwords.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>Who searches; null = anonymous.</summary>
    public string? ReaderDn { get; init; }

    /// <summary>Only ever taken, never given. Absent = the one that is kept, while url and readerDn stay and the protection is not weakened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReaderPassword { get; init; }

    /// <summary>Whether a password is kept. Not taken from requests.</summary>
    public bool ReaderPasswordSet { get; init; }

    /// <summary>For servers that do not page (RFC 2696); their size limit then cuts off.</summary>
    public bool NoSimplePagination { get; init; }

    /// <summary>What the kept password belongs to: it is never sent elsewhere.</summary>
    internal string Key => $"{Uri?.GetLeftPart(UriPartial.Authority).ToLowerInvariant() ?? Url}\n{ReaderDn}";

    internal Uri? Uri => Uri.TryCreate(Url, UriKind.Absolute, out var uri) && uri.Scheme is "ldap" or "ldaps" ? uri : null;

    internal LdapSecurity Security => Uri?.Scheme == "ldaps" ? LdapSecurity.Tls : StartTls ? LdapSecurity.StartTls : LdapSecurity.None;

    /// <summary>Whether the kept password would be less safe than with <paramref name="before"/>.</summary>
    internal bool IsWeakerThan(DirectoryServer before) =>
        (SkipTlsVerify && !before.SkipTlsVerify) || (Security == LdapSecurity.None && before.Security != LdapSecurity.None);

    public override string ToString() => $"DirectoryServer {Url}";
}
