namespace ControlPlane.Ldap;

/// <summary>The only exception of this library besides cancellation and misuse (<see cref="ArgumentException"/>, <see cref="InvalidOperationException"/>).</summary>
public sealed class LdapException : Exception
{
    internal LdapException(LdapErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    internal LdapException(LdapErrorKind kind, string message, int resultCode, string diagnostic)
        : base(message)
    {
        Kind = kind;
        ResultCode = resultCode;
        Diagnostic = diagnostic.Length == 0 ? null : diagnostic;
        AdFailure = kind == LdapErrorKind.InvalidCredentials ? Protocol.AdDiagnostic.Read(diagnostic) : null;
    }

    /// <summary>What went wrong.</summary>
    public LdapErrorKind Kind { get; }

    /// <summary>The server's result code (RFC 4511, appendix A), when it answered.</summary>
    public int? ResultCode { get; }

    /// <summary>
    /// The server's own words: at most 1,000 characters, control characters replaced. For the administrator's log only; they may name accounts.
    /// Not part of <see cref="Exception.Message"/>.
    /// </summary>
    public string? Diagnostic { get; }

    /// <summary>Active Directory's reason for <see cref="LdapErrorKind.InvalidCredentials"/>, when it gave one.</summary>
    public AdLogonFailure? AdFailure { get; }

    /// <summary>For fakes of <see cref="ILdapSession"/> and <see cref="ILdapDirectory"/>: an error of this kind.</summary>
    public static LdapException Of(LdapErrorKind kind, string message) => new(kind, message);

    /// <summary>For fakes: what a server's answer with this result code becomes.</summary>
    public static LdapException OfResult(int resultCode, string diagnostic) =>
        Protocol.ResultCodes.ToException(resultCode, Protocol.ServerText.Clean(diagnostic));
}
