using ControlPlane.Contracts.Rest.OpenId;

namespace ControlPlane.Core.OpenId;

/// <summary>An OpenID provider as it is kept; its client secret is elsewhere, wrapped.</summary>
public sealed record OpenIdProvider
{
    public required string Id { get; init; }
    public required string DisplayName { get; init; }
    public required string Authority { get; init; }
    public bool AllowInsecure { get; init; }
    public required string ClientId { get; init; }
    public bool ClientSecretSet { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required string NameClaim { get; init; }
    public required string GroupsClaim { get; init; }
    public string? TrustedCa { get; init; }
    public string? Prompt { get; init; }
    public bool UserInfo { get; init; }
    public bool RequireTeam { get; init; }
    public ClaimMatch? Administrators { get; init; }

    /// <summary>Counts up with each change by a person.</summary>
    public long Revision { get; init; }

    /// <summary>Of memberships and of what sessions say.</summary>
    public string Source => SourceOf(Id);

    public string SignInPath => PathOf(Id, "");

    public string CallbackPath => PathOf(Id, "/callback");

    public string BackChannelLogoutPath => PathOf(Id, "/back-channel-logout");

    public string SignedOutPath => PathOf(Id, "/signed-out");

    public OutgoingRules Outgoing => new(AllowInsecure, TrustedCa);

    public static string SourceOf(string id) => "oidc:" + id;

    internal static string SecretName(string id) => "oidc:" + id;

    private static string PathOf(string id, string rest) => $"/sign-in/openid/{id}{rest}";
}
