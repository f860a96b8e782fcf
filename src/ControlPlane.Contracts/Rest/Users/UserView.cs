namespace ControlPlane.Contracts.Rest.Users;

/// <summary>An account.</summary>
public sealed record UserView
{
    /// <summary>Never changes.</summary>
    public required string Id { get; init; }

    /// <summary>What it signs in by; unique without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>For people; null when unknown.</summary>
    public string? FullName { get; init; }

    /// <summary>Null when unknown.</summary>
    public string? Email { get; init; }

    /// <summary><c>person</c> or <c>service</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who says that it exists: <c>local</c>, <c>ldap</c> or <c>oidc</c>.</summary>
    public required string Source { get; init; }

    /// <summary>May everything.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>The directory or provider that made it one; null when a person did.</summary>
    public string? AdministratorBy { get; init; }

    /// <summary>Cannot sign in, and its credentials do not count.</summary>
    public bool Disabled { get; init; }

    /// <summary><c>admin</c> or <c>directory</c>.</summary>
    public string? DisabledBy { get; init; }

    /// <summary>Must set a new password at the next sign-in.</summary>
    public bool MustChangePassword { get; init; }

    /// <summary>Codes of a second factor are asked for.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>Where its things go when it names no collection; null = <c>/Shared</c>.</summary>
    public string? DefaultCollection { get; init; }

    /// <summary>The person answerable for a service account.</summary>
    public string? OwnerId { get; init; }

    /// <summary>That person's name.</summary>
    public string? OwnerName { get; init; }

    /// <summary>When the account was made (UTC).</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>UTC; null = never.</summary>
    public DateTime? LastSignInAt { get; init; }

    /// <summary>Version: the ETag.</summary>
    public long Revision { get; init; }

    /// <summary>The teams it belongs to; null in lists.</summary>
    public IReadOnlyList<UserTeamView>? Teams { get; init; }
}

/// <summary>A team that somebody belongs to.</summary>
/// <param name="Id">Id of the team.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sources">By word of whom: <c>manual</c>, <c>ldap</c>, or <c>oidc:</c> and a provider's id.</param>
public sealed record UserTeamView(string Id, string Name, IReadOnlyList<string> Sources);

/// <summary>A new account, and its password when the server made one.</summary>
/// <param name="User">The account.</param>
/// <param name="Password">Shown once; null when it was given or there is none.</param>
public sealed record CreatedUserView(UserView User, string? Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"CreatedUserView {User.Id}";
}

/// <summary>The answer of a reset: the account has to set another one at the next sign-in.</summary>
/// <param name="Password">Shown once.</param>
public sealed record NewPasswordView(string Password)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(NewPasswordView);
}
