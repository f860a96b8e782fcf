using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Contracts.Rest.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ControlPlane.Core.OpenId;

/// <summary>Tries out a provider as it is configured, without signing anybody in. What it answers is never shown as it came.</summary>
public sealed class OpenIdTest(
    OpenIdSettings settings, OpenIdProviders providers, ProviderConnections connections, AccessGate gate, PublicAddress address, TimeProvider clock)
{
    public async Task<Result<OpenIdTestView>> RunAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var target = new AuditObject("settings", "oidc");
        if (await gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (settings.Find(id) is not { } provider)
        {
            return new NotFoundError("oidc.not_found", "There is no such OpenID provider.");
        }

        var started = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(ProviderDeadlines.Step, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var steps = new List<OpenIdTestStep>();
        using var connection = connections.Open(provider.Authority, provider.Outgoing);
        try
        {
            var found = await connection.Documents.FetchAsync(either.Token);
            steps.Add(new OpenIdTestStep("discovery", true, $"The discovery document names the issuer {provider.Authority}."));
            steps.Add(new OpenIdTestStep("keys", true, $"{found.SigningKeys.Count} public {(found.SigningKeys.Count == 1 ? "key" : "keys")} for signatures."));
            steps.Add(Features(provider, found));
            if (steps[^1].Ok)
            {
                var secret = await providers.ReadSecretAsync(id, either.Token);
                steps.Add(await ClientAsync(provider, secret, found, connection.Http, either.Token));
            }
        }
        catch (ProviderException error)
        {
            steps.Add(new OpenIdTestStep("discovery", false, $"{error.Message} ({error.Reason})"));
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var fault = ProviderFault.Of(error, "token endpoint");
            steps.Add(new OpenIdTestStep(steps.Count == 0 ? "discovery" : "client", false, $"{fault.Message} ({fault.Reason})"));
        }

        return new OpenIdTestView(steps.TrueForAll(step => step.Ok), steps, (long)clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private static OpenIdTestStep Features(OpenIdProvider provider, OpenIdConnectConfiguration found)
    {
        var missing = new List<string>();
        if (string.IsNullOrEmpty(found.AuthorizationEndpoint) || string.IsNullOrEmpty(found.TokenEndpoint))
        {
            missing.Add("an authorization and a token endpoint");
        }

        if (found.ResponseTypesSupported.Count > 0 && !found.ResponseTypesSupported.Contains("code"))
        {
            missing.Add("the response type code");
        }

        if (found.IdTokenSigningAlgValuesSupported.Count > 0 && !found.IdTokenSigningAlgValuesSupported.Any(TokenRules.Algorithms.Contains))
        {
            missing.Add("signatures by RS, PS or ES algorithms");
        }

        if (provider.UserInfo && string.IsNullOrEmpty(found.UserInfoEndpoint))
        {
            missing.Add("a userinfo endpoint (switch userinfo off)");
        }

        if (missing.Count > 0)
        {
            return new OpenIdTestStep("features", false, $"It does not offer {string.Join(", ", missing)}.");
        }

        var offers = new List<string> { "code" };
        offers.AddRange(new[]
        {
            (found.CodeChallengeMethodsSupported?.Contains("S256") ?? false, "PKCE"),
            (!string.IsNullOrEmpty(found.PushedAuthorizationRequestEndpoint), "pushed requests"),
            (!string.IsNullOrEmpty(found.UserInfoEndpoint), "userinfo"),
            (!string.IsNullOrEmpty(found.EndSessionEndpoint), "sign-out"),
        }.Where(offer => offer.Item1).Select(offer => offer.Item2));
        var unknown = provider.Scopes.Where(scope => found.ScopesSupported.Count > 0 && !found.ScopesSupported.Contains(scope)).ToList();
        var note = unknown.Count == 0 ? "" : $" It does not list these scopes: {string.Join(", ", unknown)}.";
        return new OpenIdTestStep("features", true, $"It offers {string.Join(", ", offers)}.{note}");
    }

    /// <summary>A code that nobody issued tells whether the client itself is known: a provider looks at the client first.</summary>
    private async Task<OpenIdTestStep> ClientAsync(
        OpenIdProvider provider, string? secret, OpenIdConnectConfiguration found, HttpClient http, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = "controlplane-connection-test",
            ["code_verifier"] = new string('x', 64),
            ["redirect_uri"] = address.Url + provider.CallbackPath,
            ["client_id"] = provider.ClientId,
        };
        if (secret is not null)
        {
            form["client_secret"] = secret;
        }

        using var content = new FormUrlEncodedContent(form);
        using var answer = await http.PostAsync(found.TokenEndpoint, content, cancellationToken);
        return await ErrorOfAsync(answer, cancellationToken) switch
        {
            "invalid_grant" => new OpenIdTestStep("client", true, "The client id and secret are accepted."),
            "invalid_client" or "unauthorized_client" => new OpenIdTestStep("client", false, "The provider does not accept the client id and secret (they are sent as client_secret_post)."),
            _ => new OpenIdTestStep("client", true, $"The token endpoint answers (status {(int)answer.StatusCode}); whether the client is accepted shows at the first sign-in."),
        };
    }

    private static async Task<string?> ErrorOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty("error", out var error) ? error.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
