using System.Globalization;

namespace ControlPlane.Ldap.Protocol;

/// <summary>Result codes (RFC 4511, appendix A).</summary>
internal static class ResultCodes
{
    public const int Success = 0;

    public static LdapException ToException(int code, string diagnostic) =>
        new(KindOf(code), Text(code), code, diagnostic);

    private static LdapErrorKind KindOf(int code) => code switch
    {
        2 => LdapErrorKind.ProtocolError,
        3 => LdapErrorKind.TimeLimitExceeded,
        4 => LdapErrorKind.SizeLimitExceeded,
        8 or 13 => LdapErrorKind.StrongerAuthenticationRequired,
        10 => LdapErrorKind.Referral,
        32 => LdapErrorKind.NoSuchObject,
        49 => LdapErrorKind.InvalidCredentials,
        50 => LdapErrorKind.AccessDenied,
        51 or 52 => LdapErrorKind.Unavailable,
        _ => LdapErrorKind.ServerError,
    };

    private static string Text(int code) => code switch
    {
        1 => "The directory server reports an operations error (result 1).",
        2 => "The directory server reports a protocol error (result 2).",
        3 => "The directory server's time limit was exceeded (result 3).",
        4 => "The directory server's size limit was exceeded (result 4).",
        8 => "The directory server wants a protected connection (result 8).",
        10 => "The directory server refers to another one, which is never followed (result 10).",
        11 => "An administrative limit of the directory server was exceeded (result 11).",
        12 => "The directory server does not support a control that is needed (result 12).",
        13 => "The directory server wants a protected connection (result 13).",
        32 => "The directory has no such entry (result 32).",
        34 => "The directory server does not accept the distinguished name (result 34).",
        49 => "The directory server does not accept the name and password (result 49).",
        50 => "The directory server denies this to the account (result 50).",
        51 => "The directory server is busy (result 51).",
        52 => "The directory server is unavailable (result 52).",
        53 => "The directory server is unwilling to do this (result 53).",
        _ => string.Create(CultureInfo.InvariantCulture, $"The directory server answered with result {code}."),
    };
}
