using System.Text.Json;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.OpenId.Exchange;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId;

/// <summary>What is in force: changed by whoever saves the settings, read by every sign-in.</summary>
public sealed class OpenIdSettings(IDbContextFactory<ControlPlaneDb> databases) : IWarmUp
{
    internal const string ProvidersName = "oidc";
    internal const string ExchangeName = "oidc-exchange";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Lock _sync = new();
    private ProviderList _providers = ProviderList.Empty;
    private ExchangeSettings _exchange = ExchangeSettings.Empty;

    /// <summary>By display name.</summary>
    public IReadOnlyList<OpenIdProvider> Providers => Volatile.Read(ref _providers).Items;

    public ExchangeSettings Exchange => Volatile.Read(ref _exchange);

    public OpenIdProvider? Find(string? id) => Providers.FirstOrDefault(provider => string.Equals(provider.Id, id, StringComparison.Ordinal));

    /// <summary>Everybody that we speak to.</summary>
    internal IEnumerable<(string Authority, OutgoingRules Rules)> Configured() =>
        Providers.Select(provider => (provider.Authority, provider.Outgoing)).Concat(Exchange.Issuers.Select(issuer => (issuer.Issuer, issuer.Outgoing)));

    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var row in await db.Settings.AsNoTracking().Where(s => s.Name == ProvidersName || s.Name == ExchangeName).ToListAsync(cancellationToken))
        {
            if (row.Name == ProvidersName)
            {
                Publish(ReadProviders(row), row.Version);
            }
            else
            {
                Publish(ReadExchange(row));
            }
        }
    }

    internal static IReadOnlyList<OpenIdProvider> ReadProviders(SettingEntity row) => JsonSerializer.Deserialize<OpenIdProvider[]>(row.ValueJson, Json) ?? [];

    internal static string Write(IEnumerable<OpenIdProvider> providers) => JsonSerializer.Serialize(providers, Json);

    internal static ExchangeSettings ReadExchange(SettingEntity row) =>
        new(JsonSerializer.Deserialize<ExchangeIssuer[]>(row.ValueJson, Json) ?? [], row.Version);

    internal static string Write(IReadOnlyList<ExchangeIssuer> issuers) => JsonSerializer.Serialize(issuers, Json);

    internal void Publish(IReadOnlyList<OpenIdProvider> providers, long version)
    {
        lock (_sync)
        {
            // A later change may have been published already.
            if (version > _providers.Version)
            {
                Volatile.Write(ref _providers, new ProviderList([.. providers.OrderBy(p => p.DisplayName, StringComparer.OrdinalIgnoreCase)], version));
            }
        }
    }

    internal void Publish(ExchangeSettings exchange)
    {
        lock (_sync)
        {
            if (exchange.Revision > _exchange.Revision)
            {
                Volatile.Write(ref _exchange, exchange);
            }
        }
    }

    private sealed record ProviderList(IReadOnlyList<OpenIdProvider> Items, long Version)
    {
        public static readonly ProviderList Empty = new([], 0);
    }
}
