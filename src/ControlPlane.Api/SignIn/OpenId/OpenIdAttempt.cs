using System.Text.Json;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Providers;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>What the handler learned from one answer of a provider.</summary>
internal sealed class OpenIdAttempt
{
    private static readonly object Key = new();

    /// <summary>State and correlation were good: the answer belongs to a sign-in that began in this browser.</summary>
    public bool IsOurs { get; set; }

    public bool IsDenied { get; set; }

    /// <summary>Set when it failed.</summary>
    public Exception? Failure { get; set; }

    public string Issuer { get; set; } = "";

    public string Subject { get; set; } = "";

    /// <summary>Of the validated ID token; null until then.</summary>
    public JsonElement? IdToken { get; set; }

    public JsonElement? UserInfo { get; set; }

    public string? ReturnUrl { get; set; }

    public bool Succeeded { get; set; }

    public ClaimValues Claims => new([.. new[] { IdToken, UserInfo }.OfType<JsonElement>()]);

    /// <summary>Why there is no session, in one word.</summary>
    public string Reason => this switch
    {
        { IsDenied: true } => "denied",
        { Failure: { } failure } when IsAway(failure) => "unavailable",
        { IsOurs: false, Failure: OpenIdConnectProtocolException } => "provider_error",
        { IsOurs: false } => "state",
        { Failure: OpenIdConnectProtocolInvalidNonceException } => "nonce",
        { Failure: SecurityTokenException } => "token",
        { Failure: OpenIdConnectProtocolException } => "code",
        _ => "token",
    };

    public static OpenIdAttempt Of(HttpContext context)
    {
        if (context.Items[Key] is OpenIdAttempt attempt)
        {
            return attempt;
        }

        var begun = new OpenIdAttempt();
        context.Items[Key] = begun;
        return begun;
    }

    public static bool IsAway(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is ProviderException or HttpRequestException or OperationCanceledException or TimeoutException)
            {
                return true;
            }
        }

        return false;
    }
}
