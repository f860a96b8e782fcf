using ControlPlane.Contracts.Rest.OpenId;

namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>Whose tokens are exchanged, as it is kept.</summary>
public sealed record ExchangeSettings(IReadOnlyList<ExchangeIssuer> Issuers, long Revision)
{
    public static readonly ExchangeSettings Empty = new([], 0);
}

/// <summary>One issuer.</summary>
public sealed record ExchangeIssuer(string Issuer, string Audience, bool AllowInsecure, string? TrustedCa, IReadOnlyList<ExchangeGrant> Rules)
{
    public OutgoingRules Outgoing => new(AllowInsecure, TrustedCa);
}

/// <summary>What a token with these claims is exchanged for.</summary>
/// <param name="Conditions">All must hold.</param>
/// <param name="ServiceAccountId">By id: a name may be given to another account.</param>
/// <param name="Permissions">Null = all of the account's.</param>
/// <param name="Collection">Null = all.</param>
/// <param name="LifetimeSeconds">Of the token that is issued.</param>
public sealed record ExchangeGrant(
    IReadOnlyList<ClaimMatch> Conditions, string ServiceAccountId, IReadOnlyList<string>? Permissions, string? Collection, int LifetimeSeconds);
