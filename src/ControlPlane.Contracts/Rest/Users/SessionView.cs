namespace ControlPlane.Contracts.Rest.Users;

/// <summary>A signed-in browser.</summary>
public sealed record SessionView
{
    /// <summary>Its id; not its secret.</summary>
    public required string Id { get; init; }

    /// <summary><c>password</c>, <c>ldap</c>, or <c>oidc:</c> and a provider's id.</summary>
    public required string Method { get; init; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>UTC, to the minute.</summary>
    public DateTime LastSeenAt { get; init; }

    /// <summary>UTC: when it ends in any case.</summary>
    public DateTime ExpiresAt { get; init; }

    /// <summary>Where the sign-in came from.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The browser's own words.</summary>
    public string? UserAgent { get; init; }

    /// <summary>What is still to be done before it counts: <c>second_factor</c>, <c>password_change</c>; null = nothing.</summary>
    public string? Pending { get; init; }

    /// <summary>The one that asks.</summary>
    public bool IsCurrent { get; init; }
}
