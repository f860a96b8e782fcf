namespace ControlPlane.Ldap;

/// <summary>How a value is compared (RFC 4511, section 4.5.1.7).</summary>
public enum FilterComparison
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary><c>~=</c></summary>
    Approximate,
}
