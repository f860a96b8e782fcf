using System.Collections.Concurrent;
using ControlPlane.Core.Access;

namespace ControlPlane.Core.Identity;

/// <summary>Remembers for a few seconds who a credential belongs to, so that requests do not each ask the database.</summary>
public sealed class CallerCache(TimeProvider clock)
{
    private const int MaxEntries = 10_000;

    // How long a change made by another process (the reset command) may stay unseen.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>To be read before the database is asked; <see cref="Put"/> keeps nothing that was read before a removal.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    public Caller? Find(string key) => _entries.TryGetValue(key, out var entry) && clock.GetUtcNow() < entry.Until ? entry.Caller : null;

    public void Put(string key, Caller caller, DateTimeOffset credentialExpires, long generation)
    {
        if (generation != Generation)
        {
            return;
        }

        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        var until = clock.GetUtcNow() + Lifetime;
        _entries[key] = new Entry(caller, until < credentialExpires ? until : credentialExpires);
    }

    public void RemoveCredential(string credentialId) => Remove(caller => caller.CredentialId == credentialId);

    public void RemoveUser(string userId) => Remove(caller => caller.Id == userId);

    private void Remove(Func<Caller, bool> match)
    {
        Interlocked.Increment(ref _generation);
        foreach (var (key, entry) in _entries)
        {
            if (match(entry.Caller))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private sealed record Entry(Caller Caller, DateTimeOffset Until);
}
