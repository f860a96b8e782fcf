using System.Collections.Concurrent;
using System.Data.Common;
using ControlPlane.Core.Access;

namespace ControlPlane.Core.Identity;

/// <summary>Remembers for a few seconds who a credential belongs to, so that requests do not each ask the database.</summary>
public sealed class CallerCache(TimeProvider clock)
{
    private const int MaxEntries = 10_000;

    // How long a change made by another process (the reset command) may stay unseen.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    // How long somebody stays known while the database cannot be asked: what revokes here takes the entry away, too.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    // A person waits no longer than this for a database that hangs when the answer is known from before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>To be read before the database is asked; <see cref="Put"/> keeps nothing that was read before a removal.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    public Caller? Find(string key) => _entries.TryGetValue(key, out var entry) && clock.GetUtcNow() < entry.Until ? entry.Caller : null;

    /// <summary>
    /// Asks the database. When it does not answer, whoever was known a short while ago stays known for the next few seconds, so that
    /// reads go on; somebody new is not let in.
    /// </summary>
    public async Task<Caller?> AskAsync(string key, Func<CancellationToken, Task<Caller?>> ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        if (!_entries.TryGetValue(key, out var entry) || clock.GetUtcNow() >= entry.RememberedUntil)
        {
            return await ask(cancellationToken);
        }

        try
        {
            // Not cancelled when the patience ends: a database that hangs does not answer a cancellation either; its own deadlines end it.
            var found = await ask(CancellationToken.None).WaitAsync(Patience, clock, cancellationToken);
            if (found is null)
            {
                _entries.TryRemove(new KeyValuePair<string, Entry>(key, entry));
            }

            return found;
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            var until = clock.GetUtcNow() + Lifetime;
            _entries.TryUpdate(key, entry with { Until = until < entry.RememberedUntil ? until : entry.RememberedUntil }, entry);
            return entry.Caller;
        }
    }

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

        var now = clock.GetUtcNow();
        _entries[key] = new Entry(caller, Earlier(now + Lifetime), Earlier(now + Remembered));

        DateTimeOffset Earlier(DateTimeOffset time) => time < credentialExpires ? time : credentialExpires;
    }

    /// <summary>A credential, or (the other is null then) all of a user, counts no longer or for something else. Raised after it is out of here.</summary>
    public event Action<string?, string?>? Removed;

    public void RemoveCredential(string credentialId)
    {
        Remove(caller => caller.CredentialId == credentialId);
        Removed?.Invoke(credentialId, null);
    }

    public void RemoveCredentials(IEnumerable<string> credentialIds)
    {
        ArgumentNullException.ThrowIfNull(credentialIds);
        foreach (var id in credentialIds)
        {
            RemoveCredential(id);
        }
    }

    public void RemoveUser(string userId)
    {
        Remove(caller => caller.Id == userId);
        Removed?.Invoke(null, userId);
    }

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

    private static bool IsOfDatabase(Exception exception) =>
        exception is DbException or TimeoutException || (exception.InnerException is { } inner && IsOfDatabase(inner));

    private sealed record Entry(Caller Caller, DateTimeOffset Until, DateTimeOffset RememberedUntil);
}
