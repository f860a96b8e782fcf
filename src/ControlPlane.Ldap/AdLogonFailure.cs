namespace ControlPlane.Ldap;

/// <summary>
/// Why Active Directory refused a bind: the <c>data</c> code in its diagnostic text. For the administrator's log only; a person who signs in
/// must not learn which it was.
/// </summary>
public enum AdLogonFailure
{
    /// <summary>525.</summary>
    UnknownUser,

    /// <summary>52e.</summary>
    WrongPassword,

    /// <summary>530.</summary>
    OutsideLogonHours,

    /// <summary>531.</summary>
    WorkstationNotAllowed,

    /// <summary>532.</summary>
    PasswordExpired,

    /// <summary>533.</summary>
    Disabled,

    /// <summary>701.</summary>
    AccountExpired,

    /// <summary>773.</summary>
    MustChangePassword,

    /// <summary>775.</summary>
    LockedOut,
}
