namespace ControlPlane.Contracts.Rest.OpenId;

/// <summary>Whose tokens are exchanged for ours (RFC 8693), so that CI needs no stored secret.</summary>
/// <param name="TrustedIssuers">None: nothing is exchanged.</param>
/// <param name="Revision">Version: the ETag; 0 while nobody has changed anything.</param>
public sealed record TokenExchangeView(IReadOnlyList<TrustedIssuer> TrustedIssuers, long Revision);

/// <summary>The body of <c>PUT /api/v1/settings/oidc-exchange</c>: all of it.</summary>
public sealed record TokenExchangeRequest
{
    /// <summary>At most 20.</summary>
    public IReadOnlyList<TrustedIssuer>? TrustedIssuers { get; init; }
}

/// <summary>An issuer whose tokens are taken.</summary>
public sealed record TrustedIssuer
{
    /// <summary>Exactly as in its tokens; its keys are found by discovery.</summary>
    public string? Issuer { get; init; }

    /// <summary>What the tokens' <c>aud</c> must be; other values may stand beside it.</summary>
    public string? Audience { get; init; }

    /// <summary>Allows an issuer on this very machine, also with http.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>PEM of the authorities that its certificate must come from; null = the system's.</summary>
    public string? TrustedCa { get; init; }

    /// <summary>The first that matches decides; none that does: refused.</summary>
    public IReadOnlyList<ExchangeRule>? Rules { get; init; }
}

/// <summary>What a token must say, and what it is then exchanged for.</summary>
public sealed record ExchangeRule
{
    /// <summary>All of them, at least one. Values may have <c>*</c> for any characters.</summary>
    public IReadOnlyList<ClaimMatch>? Conditions { get; init; }

    /// <summary>Name or id of a service account.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Permissions it is limited to; null = all of the service account's.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>The collection it is limited to; null = all.</summary>
    public string? Collection { get; init; }

    /// <summary>60 to 3600; 900 when left out.</summary>
    public int? LifetimeSeconds { get; init; }
}
