using System.Text.Json.Serialization;

namespace ControlPlane.Engine.Images;

/// <summary>The body of <c>POST /auth</c> (Engine API v1.41). Secret: shown to nobody but the engine that asks the registry.</summary>
public sealed record RegistryLogin
{
    /// <summary>Name of the account.</summary>
    [JsonPropertyName("username")]
    public string? Username { get; init; }

    /// <summary>Its password.</summary>
    [JsonPropertyName("password")]
    public string? Password { get; init; }

    /// <summary>Name and password in one, in base64.</summary>
    [JsonPropertyName("auth")]
    public string? Auth { get; init; }

    /// <summary>Not looked at any more.</summary>
    [JsonPropertyName("email")]
    public string? Email { get; init; }

    /// <summary>The registry.</summary>
    [JsonPropertyName("serveraddress")]
    public string? ServerAddress { get; init; }

    /// <summary>A token instead of a password.</summary>
    [JsonPropertyName("identitytoken")]
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token for the registry.</summary>
    [JsonPropertyName("registrytoken")]
    public string? RegistryToken { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(RegistryLogin)} {ServerAddress}";
}
