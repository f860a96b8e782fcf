using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>
/// The framework's handler for each provider as it is configured now. It is no scheme of the authentication middleware: only the
/// endpoints of the provider ever run it, so that a change holds at once and no other request pays for it.
/// </summary>
internal sealed class OpenIdHandlers(
    OpenIdProviders providers, ProviderConnections connections, IDataProtectionProvider protection, PublicAddress address,
    HtmlEncoder html, UrlEncoder url)
{
    // A person reads the page of the provider, looks for the phone, types a code.
    private static readonly TimeSpan SignInTime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (OpenIdProvider Provider, OpenIdConnectOptions Options)> _options = new(StringComparer.Ordinal);

    public async Task<OpenIdConnectHandler> CreateAsync(OpenIdProvider provider, HttpContext context)
    {
        if (!_options.TryGetValue(provider.Id, out var known) || known.Provider != provider)
        {
            var secret = await providers.ReadSecretAsync(provider.Id, context.RequestAborted);
            known = (provider, Build(provider, secret));
            _options[provider.Id] = known;
        }

        // The handler logs answers of the provider at low levels: tokens have no place in any log. What failed is logged by us.
        var handler = new OpenIdConnectHandler(new Fixed(known.Options), NullLoggerFactory.Instance, html, url);
        await handler.InitializeAsync(new AuthenticationScheme(SchemeOf(provider), provider.DisplayName, typeof(OpenIdConnectHandler)), context);
        return handler;
    }

    private static string SchemeOf(OpenIdProvider provider) => $"openid.{provider.Id}";

    private OpenIdConnectOptions Build(OpenIdProvider provider, string? secret)
    {
        var connection = connections.For(provider);
        var options = new OpenIdConnectOptions
        {
            Authority = provider.Authority,
            RequireHttpsMetadata = !provider.AllowInsecure,
            ClientId = provider.ClientId,
            ClientSecret = secret,
            CallbackPath = provider.CallbackPath,
            SignedOutCallbackPath = provider.SignedOutPath,
            RemoteSignOutPath = PathString.Empty,
            ResponseType = OpenIdConnectResponseType.Code,
            // A form post would need cookies that other sites may send.
            ResponseMode = OpenIdConnectResponseMode.Query,
            UsePkce = true,
            MapInboundClaims = false,
            SaveTokens = false,
            GetClaimsFromUserInfoEndpoint = provider.UserInfo,
            Prompt = provider.Prompt,
            BackchannelTimeout = ProviderDeadlines.Request,
            Backchannel = connection.Http,
            ConfigurationManager = connection.Documents,
            RemoteAuthenticationTimeout = SignInTime,
            SignInScheme = CallerAuthenticationHandler.SchemeName,
            DataProtectionProvider = protection,
            CorrelationCookie = Cookie("__Host-cp-openid-c."),
            NonceCookie = Cookie("__Host-cp-openid-n."),
            Events = Events(provider),
            TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudience = provider.ClientId,
                IgnoreTrailingSlashWhenValidatingAudience = false,
                ValidAlgorithms = TokenRules.Algorithms,
                ClockSkew = TokenRules.Leeway,
                ValidateIssuerSigningKey = true,
            },
        };
        options.ProtocolValidator.NonceLifetime = SignInTime;
        options.Scope.Clear();
        foreach (var scope in provider.Scopes)
        {
            options.Scope.Add(scope);
        }

        new OpenIdConnectPostConfigureOptions(protection).PostConfigure(SchemeOf(provider), options);
        options.Validate(SchemeOf(provider));
        return options;
    }

    private static CookieBuilder Cookie(string name) => new()
    {
        Name = name,
        Path = "/",
        HttpOnly = true,
        IsEssential = true,
        SecurePolicy = CookieSecurePolicy.Always,
        // The provider sends the browser back by a link, which Lax allows.
        SameSite = SameSiteMode.Lax,
        Expiration = SignInTime,
    };

    private OpenIdConnectEvents Events(OpenIdProvider provider) => new()
    {
        OnRedirectToIdentityProvider = context =>
        {
            context.ProtocolMessage.RedirectUri = address.Url + provider.CallbackPath;
            return Task.CompletedTask;
        },
        OnAuthorizationCodeReceived = context =>
        {
            OpenIdAttempt.Of(context.HttpContext).IsOurs = true;
            return Task.CompletedTask;
        },
        OnTokenValidated = context =>
        {
            Take(context);
            return Task.CompletedTask;
        },
        OnUserInformationReceived = context =>
        {
            OpenIdAttempt.Of(context.HttpContext).UserInfo = context.User.RootElement.Clone();
            return Task.CompletedTask;
        },
        OnAccessDenied = context =>
        {
            OpenIdAttempt.Of(context.HttpContext).IsDenied = true;
            context.HandleResponse();
            return Task.CompletedTask;
        },
        OnRemoteFailure = context =>
        {
            OpenIdAttempt.Of(context.HttpContext).Failure = context.Failure;
            context.HandleResponse();
            return Task.CompletedTask;
        },
        OnTicketReceived = context =>
        {
            var attempt = OpenIdAttempt.Of(context.HttpContext);
            attempt.ReturnUrl = context.ReturnUri;
            attempt.Succeeded = attempt.IdToken is not null;
            context.HandleResponse();
            return Task.CompletedTask;
        },
    };

    private static void Take(TokenValidatedContext context)
    {
        // The handler itself lets an unsigned token pass that came straight from the token endpoint.
        if (!TokenRules.Algorithms.Contains(context.SecurityToken.Header.Alg))
        {
            context.Fail(new SecurityTokenInvalidAlgorithmException("The ID token is not signed by an algorithm that is allowed."));
            return;
        }

        var token = TokenRules.Read(context.TokenEndpointResponse?.IdToken);
        if (token is null || TokenRules.Payload(token) is not { } payload || string.IsNullOrEmpty(token.Subject))
        {
            context.Fail(new SecurityTokenMalformedException("The ID token cannot be read, or names nobody."));
            return;
        }

        var attempt = OpenIdAttempt.Of(context.HttpContext);
        attempt.IdToken = payload;
        attempt.Issuer = token.Issuer;
        attempt.Subject = token.Subject;
    }

    /// <summary>The same whatever the name.</summary>
    private sealed class Fixed(OpenIdConnectOptions options) : IOptionsMonitor<OpenIdConnectOptions>
    {
        public OpenIdConnectOptions CurrentValue => options;

        public OpenIdConnectOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenIdConnectOptions, string?> listener) => null;
    }
}
