using System.Text.Json;
using ControlPlane.Core.OpenId.Providers;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Core.OpenId;

/// <summary>What every token of a provider must hold, whatever it is for.</summary>
public static class TokenRules
{
    /// <summary>Clocks differ.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    /// <summary>Signatures by a private key only: nothing that a public key could be used as a password for, and never none.</summary>
    public static readonly IReadOnlyList<string> Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    // Headers that would bring keys or meanings of their own.
    private static readonly string[] Refused = ["jwk", "jku", "x5u", "crit", "zip", "enc"];

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>Null when it is not even the form of a signed token.</summary>
    public static JsonWebToken? Read(string? text)
    {
        if (text is not { Length: > 0 and <= 16 * 1024 } || text.Count(c => c == '.') != 2 || !Handler.CanReadToken(text))
        {
            return null;
        }

        try
        {
            return Handler.ReadJsonWebToken(text);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The claims; null when they are no JSON object, or name something twice: two readers could see two tokens.</summary>
    public static JsonElement? Payload(JsonWebToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            using var document = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Null when valid; otherwise what is wrong, in one word.</summary>
    public static async Task<string?> ProblemAsync(JsonWebToken token, string issuer, string audience, ProviderDocuments documents, bool needsExpiry)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (Refused.FirstOrDefault(name => token.TryGetHeaderValue<object>(name, out _)) is { } header)
        {
            return "header_" + header;
        }

        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ConfigurationManager = documents,
            ValidIssuer = issuer,
            ValidAudience = audience,
            ValidAlgorithms = Algorithms,
            ClockSkew = Leeway,
            RequireExpirationTime = needsExpiry,
            RequireSignedTokens = true,
            // Exactly: the library would take an audience with a slash more.
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidateIssuerSigningKey = true,
        });
        if (result.IsValid)
        {
            return null;
        }

        for (var error = result.Exception; error is not null; error = error.InnerException)
        {
            if (error is ProviderException)
            {
                throw error;
            }
        }

        return result.Exception switch
        {
            SecurityTokenExpiredException => "expired",
            SecurityTokenNotYetValidException => "not_yet_valid",
            SecurityTokenNoExpirationException => "no_expiry",
            SecurityTokenInvalidLifetimeException => "lifetime",
            SecurityTokenInvalidIssuerException => "issuer",
            SecurityTokenInvalidAudienceException => "audience",
            SecurityTokenInvalidAlgorithmException => "algorithm",
            _ => "signature",
        };
    }
}
