using System.Collections.Concurrent;

namespace ControlPlane.Core.OpenId.Providers;

/// <summary>One connection each to what providers and issuers are configured; a changed one gets a new connection.</summary>
public sealed class ProviderConnections(TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Authority, OutgoingRules Rules), Lazy<ProviderConnection>> _open = new();

    public ProviderConnection For(OpenIdProvider provider) => For(provider.Authority, provider.Outgoing);

    public ProviderConnection For(string authority, OutgoingRules rules) =>
        _open.GetOrAdd((authority, rules), key => new Lazy<ProviderConnection>(() => Open(key.Authority, key.Rules))).Value;

    /// <summary>One that nothing else uses and nothing is remembered of: to be disposed.</summary>
    public ProviderConnection Open(string authority, OutgoingRules rules)
    {
        var http = ProviderHttp.Create(rules);
        return new ProviderConnection(http, new ProviderDocuments(authority, rules, http, clock));
    }

    /// <summary>Forgets those that nobody is configured for any more; sign-ins under way finish with what they hold.</summary>
    public void Keep(IEnumerable<(string Authority, OutgoingRules Rules)> configured)
    {
        var wanted = configured.ToHashSet();
        foreach (var key in _open.Keys.Where(key => !wanted.Contains(key)))
        {
            _open.TryRemove(key, out _);
        }
    }
}

/// <summary>A provider's own HTTP client, and what it says of itself.</summary>
public sealed record ProviderConnection(HttpClient Http, ProviderDocuments Documents) : IDisposable
{
    public void Dispose()
    {
        Http.Dispose();
        Documents.Dispose();
    }
}
