using System.Collections.Concurrent;
using ControlPlane.Core.WriteBehind;

namespace ControlPlane.Core.Identity;

/// <summary>Notes the last use of credentials, at most once a minute each.</summary>
public sealed class CredentialUse(WriteBehindQueue queue, TimeProvider clock)
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _noted = new(StringComparer.Ordinal);

    public void Seen(bool isSession, string id)
    {
        var now = clock.GetUtcNow();
        if (_noted.TryGetValue(id, out var last) && now - last < Resolution)
        {
            return;
        }

        if (_noted.Count >= MaxEntries)
        {
            _noted.Clear();
        }

        _noted[id] = now;
        queue.Enqueue(new CredentialSeen(isSession, id, now.UtcDateTime));
    }
}
