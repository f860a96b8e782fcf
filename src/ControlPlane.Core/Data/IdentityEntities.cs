namespace ControlPlane.Core.Data;

/// <summary>An account: of a person or of a service.</summary>
public sealed class UserEntity : IVersioned
{
    public required string Id { get; set; }
    public required string Name { get; set; }

    /// <summary>Case-folded name: the unique one.</summary>
    public required string FoldedName { get; set; }
    public string? FullName { get; set; }
    public string? Email { get; set; }
    public UserKind Kind { get; set; }

    /// <summary><c>local</c>, <c>ldap</c> or <c>oidc</c>: who says that this account exists.</summary>
    public string Source { get; set; } = "local";

    /// <summary>Null when the account cannot sign in by a password kept here.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>The next sign-in must set a new password before anything else.</summary>
    public bool MustChangePassword { get; set; }
    public bool IsAdministrator { get; set; }

    /// <summary>The directory or provider made it an administrator, and takes it back; null when a person did.</summary>
    public string? AdministratorBy { get; set; }

    /// <summary>Where it goes what is made without naming a collection; null = <c>/Shared</c>.</summary>
    public string? DefaultCollection { get; set; }

    /// <summary>The person answerable for a service account.</summary>
    public string? OwnerId { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? DisabledAt { get; set; }

    /// <summary>Why: <c>admin</c>, <c>directory</c>.</summary>
    public string? DisabledBy { get; set; }
    public DateTime PasswordChangedAt { get; set; }
    public DateTime? LastSignInAt { get; set; }

    /// <summary>The second factor's secret, wrapped; null when there is none.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The secret waits for a first good code.</summary>
    public bool TotpPending { get; set; }

    /// <summary>The last time step that was used: a code counts once.</summary>
    public long TotpLastStep { get; set; }
    public long Version { get; set; }
}

public enum UserKind
{
    Person = 0,
    Service = 1,
}

/// <summary>Who an account is at a directory or provider. An identity belongs to one account only.</summary>
public sealed class ExternalIdentityEntity
{
    /// <summary><c>ldap</c>, or the issuer of an OpenID provider.</summary>
    public required string Issuer { get; set; }

    /// <summary>objectGUID or entryUUID (lower-case), or the provider's <c>sub</c>.</summary>
    public required string Subject { get; set; }
    public required string UserId { get; set; }

    /// <summary>Distinguished name in the directory, as last seen.</summary>
    public string? DistinguishedName { get; set; }
    public DateTime LinkedAt { get; set; }
    public DateTime LastSeenAt { get; set; }
}

/// <summary>One of the codes that replace the second factor once.</summary>
public sealed class RecoveryCodeEntity
{
    public required string Id { get; set; }
    public required string UserId { get; set; }
    public required string Hash { get; set; }
    public DateTime? UsedAt { get; set; }
}

/// <summary>A signed-in browser. The cookie holds id and secret, the row only the secret's hash.</summary>
public sealed class SessionEntity
{
    public required string Id { get; set; }
    public required string SecretHash { get; set; }
    public required string UserId { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime LastSeenAt { get; set; }
    public DateTime ExpiresAt { get; set; }
    public string? RemoteAddress { get; set; }
    public string? UserAgent { get; set; }

    /// <summary>How: <c>password</c>, <c>ldap</c>, or <c>oidc:</c> and the provider's id.</summary>
    public string Method { get; set; } = "password";

    /// <summary>When the person last showed a password or second factor: what is delicate asks for a fresh one.</summary>
    public DateTime AuthenticatedAt { get; set; }

    /// <summary>What has to be done before anything else: <c>password_change</c>, <c>second_factor</c>; null = nothing.</summary>
    public string? Pending { get; set; }

    /// <summary>The provider's session (<c>sid</c>), for its back-channel logout.</summary>
    public string? ProviderSession { get; set; }
}

/// <summary>A secret text for programs.</summary>
public sealed class ApiTokenEntity
{
    public required string Id { get; set; }
    public required string SecretHash { get; set; }
    public required string UserId { get; set; }
    public required string Name { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? ExpiresAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
    public string? LastUsedAddress { get; set; }
    public DateTime? RevokedAt { get; set; }

    /// <summary><c>token</c>, or <c>exchange</c> for a short-lived one that stands for a provider's.</summary>
    public string Kind { get; set; } = "token";

    /// <summary>The permissions it is limited to, a JSON array; null = all of its owner's.</summary>
    public string? PermissionsJson { get; set; }

    /// <summary>The collection it is limited to; null = all.</summary>
    public string? Collection { get; set; }

    /// <summary>Networks it may be used from (CIDR), a JSON array; null = everywhere.</summary>
    public string? NetworksJson { get; set; }
}

/// <summary>A certificate of the cluster's client CA that was given to a user. Its private key was never kept.</summary>
public sealed class ClientCertificateEntity
{
    public required string Id { get; set; }
    public required string UserId { get; set; }
    public required string Name { get; set; }

    /// <summary>SHA-256 of the certificate, lower-case hex.</summary>
    public required string Thumbprint { get; set; }
    public required string SerialNumber { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime ExpiresAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
    public DateTime? RevokedAt { get; set; }
}

/// <summary>One run of the directory synchronisation, with what it did.</summary>
public sealed class DirectorySyncEntity
{
    public required string Id { get; set; }

    /// <summary><c>schedule</c>, <c>manual</c>, <c>sign_in</c>.</summary>
    public required string Trigger { get; set; }
    public DateTime StartedAt { get; set; }
    public DateTime? EndedAt { get; set; }

    /// <summary><c>running</c>, <c>ok</c>, <c>partial</c>, <c>failed</c>.</summary>
    public required string State { get; set; }
    public string? Summary { get; set; }

    /// <summary>The log, lines of text.</summary>
    public required string Log { get; set; }
}
