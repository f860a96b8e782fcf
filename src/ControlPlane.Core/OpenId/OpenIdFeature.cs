using ControlPlane.Core.Leadership;
using ControlPlane.Core.OpenId.Exchange;
using ControlPlane.Core.OpenId.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.OpenId;

/// <summary>Sign-in at OpenID providers, and the exchange of their tokens for ours.</summary>
public static class OpenIdFeature
{
    public static IServiceCollection AddOpenId(this IServiceCollection services)
    {
        services.AddSingleton<OpenIdSettings>();
        services.AddWarmUp<OpenIdSettings>();
        services.AddSingleton<ProviderConnections>();
        services.AddSingleton<UsedTokens>();
        services.AddSingleton<OpenIdProviders>();
        services.AddSingleton<OpenIdTest>();
        services.AddSingleton<OpenIdPeople>();
        services.AddSingleton<ProviderLogout>();
        services.AddSingleton<ExchangeSettingsService>();
        services.AddSingleton<TokenExchange>();
        return services;
    }
}
