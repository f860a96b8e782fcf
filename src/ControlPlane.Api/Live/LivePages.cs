using System.Collections.Concurrent;

namespace ControlPlane.Api.Live;

/// <summary>The open pages.</summary>
internal sealed class LivePages
{
    private readonly ConcurrentDictionary<string, LivePage> _pages = new(StringComparer.Ordinal);

    public ICollection<LivePage> All => _pages.Values;

    public void Add(LivePage page) => _pages[page.ConnectionId] = page;

    public void Remove(string connectionId) => _pages.TryRemove(connectionId, out _);

    public LivePage? Find(string connectionId) => _pages.GetValueOrDefault(connectionId);
}
