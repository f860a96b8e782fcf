using System.Buffers;

namespace ControlPlane.Ldap.Protocol;

/// <summary>Reads the code in texts such as <c>80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1</c>.</summary>
internal static class AdDiagnostic
{
    private const string Mark = "data ";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static AdLogonFailure? Read(string diagnostic)
    {
        var at = diagnostic.IndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var rest = diagnostic.AsSpan(at + Mark.Length);
        var end = rest.IndexOfAnyExcept(HexDigits);
        return (end < 0 ? rest : rest[..end]) switch
        {
            "525" => AdLogonFailure.UnknownUser,
            "52e" or "52E" => AdLogonFailure.WrongPassword,
            "530" => AdLogonFailure.OutsideLogonHours,
            "531" => AdLogonFailure.WorkstationNotAllowed,
            "532" => AdLogonFailure.PasswordExpired,
            "533" => AdLogonFailure.Disabled,
            "701" => AdLogonFailure.AccountExpired,
            "773" => AdLogonFailure.MustChangePassword,
            "775" => AdLogonFailure.LockedOut,
            _ => null,
        };
    }
}
