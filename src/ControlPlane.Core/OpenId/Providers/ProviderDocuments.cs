using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Core.OpenId.Providers;

/// <summary>
/// Discovery document and keys of one issuer: fetched when first needed, with a deadline; kept; fetched again now and then, and when a
/// key is unknown. Only who needs this provider ever waits for it.
/// </summary>
public sealed class ProviderDocuments(string authority, OutgoingRules rules, HttpClient http, TimeProvider clock)
    : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private readonly SemaphoreSlim _fetching = new(1);
    private Kept? _kept;
    private DateTimeOffset _lastTry = DateTimeOffset.MinValue;
    private int _wanted;

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _kept) is { } kept && IsFresh(kept))
        {
            return kept.Configuration;
        }

        using var deadline = new CancellationTokenSource(ProviderDeadlines.Step, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            await _fetching.WaitAsync(either.Token);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw TimedOut(error);
        }

        try
        {
            if (_kept is { } other && IsFresh(other))
            {
                return other.Configuration;
            }

            return await RefreshAsync(either.Token, cancel);
        }
        finally
        {
            _fetching.Release();
        }
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    public override void RequestRefresh() => Interlocked.Exchange(ref _wanted, 1);

    /// <summary>Without what is kept.</summary>
    public async Task<OpenIdConnectConfiguration> FetchAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProviderDeadlines.Step, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var configuration = await ReadDiscoveryAsync(either.Token);
            await ReadKeysAsync(configuration, either.Token);
            return configuration;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(error);
        }
    }

    public void Dispose() => _fetching.Dispose();

    private bool IsFresh(Kept kept)
    {
        var now = clock.GetUtcNow();
        var asked = Volatile.Read(ref _wanted) == 1 && now - _lastTry >= ProviderDeadlines.BetweenRefreshes;
        return !asked && now - kept.At < ProviderDeadlines.Refresh;
    }

    private async Task<OpenIdConnectConfiguration> RefreshAsync(CancellationToken deadline, CancellationToken caller)
    {
        var now = clock.GetUtcNow();
        var known = _kept;
        if (known is not null && now - _lastTry < ProviderDeadlines.BetweenRefreshes && now - known.At < ProviderDeadlines.Stale)
        {
            return known.Configuration;
        }

        _lastTry = now;
        Interlocked.Exchange(ref _wanted, 0);
        try
        {
            var configuration = await ReadDiscoveryAsync(deadline);
            await ReadKeysAsync(configuration, deadline);
            Volatile.Write(ref _kept, new Kept(configuration, now));
            return configuration;
        }
        catch (ProviderException) when (known is not null && now - known.At < ProviderDeadlines.Stale)
        {
            return known.Configuration;
        }
        catch (OperationCanceledException error) when (!caller.IsCancellationRequested)
        {
            return known is not null && now - known.At < ProviderDeadlines.Stale ? known.Configuration : throw TimedOut(error);
        }
    }

    private async Task<OpenIdConnectConfiguration> ReadDiscoveryAsync(CancellationToken cancellationToken)
    {
        var json = await GetAsync(authority.TrimEnd('/') + "/.well-known/openid-configuration", "discovery document", cancellationToken);
        OpenIdConnectConfiguration configuration;
        try
        {
            configuration = OpenIdConnectConfiguration.Create(json);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new ProviderException("invalid_document", "The discovery document is not one: it could not be read as JSON.", error);
        }

        if (!string.Equals(configuration.Issuer?.TrimEnd('/'), authority.TrimEnd('/'), StringComparison.Ordinal))
        {
            throw new ProviderException("issuer_mismatch", "The discovery document names another issuer than the configured authority.");
        }

        Check("jwks_uri", configuration.JwksUri, required: true);
        Check("authorization_endpoint", configuration.AuthorizationEndpoint, required: false);
        Check("token_endpoint", configuration.TokenEndpoint, required: false);
        Check("userinfo_endpoint", configuration.UserInfoEndpoint, required: false);
        Check("pushed_authorization_request_endpoint", configuration.PushedAuthorizationRequestEndpoint, required: false);
        Check("end_session_endpoint", configuration.EndSessionEndpoint, required: false);
        return configuration;
    }

    private async Task ReadKeysAsync(OpenIdConnectConfiguration configuration, CancellationToken cancellationToken)
    {
        var json = await GetAsync(configuration.JwksUri, "key document", cancellationToken);
        try
        {
            configuration.JsonWebKeySet = new JsonWebKeySet(json);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new ProviderException("invalid_document", "The key document could not be read as a JSON Web Key Set.", error);
        }

        // A symmetric key in a public document is no secret.
        foreach (var key in configuration.JsonWebKeySet.GetSigningKeys().Where(key => key is not SymmetricSecurityKey))
        {
            configuration.SigningKeys.Add(key);
        }

        if (configuration.SigningKeys.Count == 0)
        {
            throw new ProviderException("no_keys", "The key document has no public key for signatures.");
        }
    }

    private void Check(string name, string? address, bool required)
    {
        if (string.IsNullOrEmpty(address) ? required : rules.Problem(address) is not null)
        {
            throw new ProviderException("insecure_address", $"The discovery document has no {name} that may be used: {rules.Problem(address)}.");
        }
    }

    private async Task<string> GetAsync(string address, string what, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.ParseAdd("application/json");
            using var answer = await http.SendAsync(request, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new ProviderException("status", $"The {what} was answered with status {(int)answer.StatusCode}.");
            }

            return await answer.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw ProviderFault.Of(error, what);
        }
    }

    private static ProviderException TimedOut(Exception error) =>
        new("timeout", $"The provider did not answer within {ProviderDeadlines.Step.TotalSeconds:0} seconds.", error);

    private sealed record Kept(OpenIdConnectConfiguration Configuration, DateTimeOffset At);
}
