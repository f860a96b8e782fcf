namespace ControlPlane.Core.Identity;

/// <summary>A new session: what the cookie holds, and whose it is.</summary>
public sealed record SessionTicket(string CookieValue, DateTimeOffset ExpiresAt, SignedInUser User)
{
    /// <summary>What has to be done before it counts (<see cref="PendingStep"/>); null = nothing.</summary>
    public string? Pending { get; init; }

    internal string SessionId => CookieValue[..CredentialSecret.IdLength];

    // Tickets may end up in a log template; the secret must not.
    public override string ToString() => $"SessionTicket for {User.Name}";
}

/// <summary>What a person may know about their own account.</summary>
public sealed record SignedInUser(string Id, string Name, bool IsAdministrator);
