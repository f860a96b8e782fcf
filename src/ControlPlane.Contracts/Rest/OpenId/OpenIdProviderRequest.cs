namespace ControlPlane.Contracts.Rest.OpenId;

/// <summary>The body of <c>PUT /api/v1/settings/oidc/{id}</c>: all of the provider; what is left out has its default.</summary>
public sealed record OpenIdProviderRequest
{
    /// <summary>1 to 60 characters; the id when left out.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The issuer, https.</summary>
    public string? Authority { get; init; }

    /// <summary>Allows an authority on this very machine, also with http.</summary>
    public bool? AllowInsecure { get; init; }

    /// <summary>Our name at the provider.</summary>
    public string? ClientId { get; init; }

    /// <summary>Left out: the one that is kept stays. Empty: none is kept any more.</summary>
    public string? ClientSecret { get; init; }

    /// <summary><c>openid profile email</c> when left out; <c>openid</c> is always asked for.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary><c>preferred_username</c> when left out.</summary>
    public string? NameClaim { get; init; }

    /// <summary><c>groups</c> when left out.</summary>
    public string? GroupsClaim { get; init; }

    /// <summary>PEM certificates.</summary>
    public string? TrustedCa { get; init; }

    /// <summary><c>login</c>, <c>consent</c> or <c>select_account</c>.</summary>
    public string? Prompt { get; init; }

    /// <summary>True when left out.</summary>
    public bool? UserInfo { get; init; }

    /// <summary>True when left out.</summary>
    public bool? RequireTeam { get; init; }

    /// <summary>Who is an administrator by this provider.</summary>
    public ClaimMatch? Administrators { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"OpenIdProviderRequest {Authority}";
}
