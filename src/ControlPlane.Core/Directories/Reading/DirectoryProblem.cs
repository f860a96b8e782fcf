using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>What went wrong with a server, in words for administrators: what happened and what to do. People who sign in never see it.</summary>
internal sealed record DirectoryProblem(string Server, LdapErrorKind? Kind, string What, string Advice)
{
    public static DirectoryProblem Of(DirectoryServer server, LdapException error) =>
        new(server.Url, error.Kind, error.Diagnostic is { } said ? $"{error.Message} It said: {said}" : error.Message, AdviceFor(error));

    public static DirectoryProblem TooLate(DirectoryServer server) =>
        new(server.Url, LdapErrorKind.TimedOut, "It did not answer before the time for everything was up.", "Check the server's load, or allow more time.");

    public static DirectoryProblem Avoided(DirectoryServer server) => new(
        server.Url, null, $"It did not answer in time {ServerCircuits.Threshold} times in a row and is not asked for up to {ServerCircuits.Pause.TotalSeconds:F0} s.", "Check the server.");

    public override string ToString() => $"{Server}: {What} {Advice}";

    private static string AdviceFor(LdapException error) => error.Kind switch
    {
        LdapErrorKind.Refused => "Check the port, and that the server runs.",
        LdapErrorKind.Unreachable => "Check the address, the network and firewalls between.",
        LdapErrorKind.NameNotResolved => "Check the host name and the name servers of this machine.",
        LdapErrorKind.TimedOut => "Check that the server is not overloaded or behind a firewall that swallows packets.",
        LdapErrorKind.TlsFailed => "Check that the port speaks this form of TLS: ldaps on 636, StartTLS on 389.",
        LdapErrorKind.CertificateUntrusted => "Put the authority that signed its certificate into rootCertificates.",
        LdapErrorKind.CertificateExpired => "Renew the server's certificate, and check the clocks.",
        LdapErrorKind.CertificateNameMismatch => "Use in the url the name that the certificate is for.",
        LdapErrorKind.PlainPasswordRefused => "Use ldaps or StartTLS, or accept plain LDAP.",
        LdapErrorKind.InvalidCredentials => error.AdFailure is { } failure ? AdviceFor(failure) : "Check the name and the password.",
        LdapErrorKind.StrongerAuthenticationRequired => "The server wants TLS: use ldaps or StartTLS.",
        LdapErrorKind.AccessDenied => "Give the reader the right to read there.",
        LdapErrorKind.SizeLimitExceeded => "Let the server page (noSimplePagination off), raise its size limit for the reader, or narrow the filter.",
        LdapErrorKind.TimeLimitExceeded => "Index the attributes of the filter, or narrow it.",
        LdapErrorKind.NoSuchObject => "Check the base DN, and that the reader may see it.",
        LdapErrorKind.Referral => "This part of the tree is on another server: add that server with its domain. Referrals are never followed.",
        LdapErrorKind.Unavailable => "The server is busy or shutting down: try again.",
        LdapErrorKind.ConnectionClosed => "Look into the server's log.",
        _ => "Look into the server's log.",
    };

    public static string AdviceFor(AdLogonFailure failure) => failure switch
    {
        AdLogonFailure.UnknownUser => "There is no such user (525).",
        AdLogonFailure.WrongPassword => "The password is wrong (52e).",
        AdLogonFailure.OutsideLogonHours => "Outside the hours in which this account may sign in (530).",
        AdLogonFailure.WorkstationNotAllowed => "The account may not sign in from here (531).",
        AdLogonFailure.PasswordExpired => "The password has expired (532).",
        AdLogonFailure.Disabled => "The account is disabled (533).",
        AdLogonFailure.AccountExpired => "The account has expired (701).",
        AdLogonFailure.MustChangePassword => "The password must be changed first (773).",
        AdLogonFailure.LockedOut => "The account is locked (775).",
        _ => "Refused.",
    };
}
