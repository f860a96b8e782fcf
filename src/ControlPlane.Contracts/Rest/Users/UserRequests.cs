namespace ControlPlane.Contracts.Rest.Users;

/// <summary>The body of <c>POST /api/v1/users</c>.</summary>
public sealed record UserCreateRequest
{
    /// <summary>1 to 64 letters, digits, dots, dashes, underscores and at signs.</summary>
    public required string Name { get; init; }

    /// <summary><c>person</c> (when left out) or <c>service</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Up to 200 characters.</summary>
    public string? FullName { get; init; }

    /// <summary>Up to 254 characters.</summary>
    public string? Email { get; init; }

    /// <summary>8 to 128 characters; the server makes one when it is left out. Not for service accounts.</summary>
    public string? Password { get; init; }

    /// <summary>True when left out. Not for service accounts.</summary>
    public bool? MustChangePassword { get; init; }

    /// <summary>Only administrators make administrators.</summary>
    public bool? IsAdministrator { get; init; }

    /// <summary>Path of a collection.</summary>
    public string? DefaultCollection { get; init; }

    /// <summary>The person answerable for a service account; the caller when left out.</summary>
    public string? OwnerId { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"UserCreateRequest {Name}";
}

/// <summary>The body of <c>PATCH /api/v1/users/{id}</c>: what is left out stays, an empty text takes a text away.</summary>
public sealed record UserPatch
{
    /// <summary>Up to 200 characters; of local accounts only.</summary>
    public string? FullName { get; init; }

    /// <summary>Up to 254 characters; of local accounts only.</summary>
    public string? Email { get; init; }

    /// <summary>Path of a collection.</summary>
    public string? DefaultCollection { get; init; }

    /// <summary>Only administrators make administrators.</summary>
    public bool? IsAdministrator { get; init; }

    /// <summary>True ends its sessions and streams; its credentials do not count from then on.</summary>
    public bool? Disabled { get; init; }
}

/// <summary>The body of <c>PATCH /api/v1/profile</c>: what people change about themselves.</summary>
public sealed record ProfilePatch
{
    /// <summary>Up to 200 characters; of local accounts only.</summary>
    public string? FullName { get; init; }

    /// <summary>Up to 254 characters; of local accounts only.</summary>
    public string? Email { get; init; }
}
