using System.Collections.Concurrent;
using ControlPlane.Core.Access;
using ControlPlane.Core.WriteBehind;

namespace ControlPlane.Core.Identity;

/// <summary>Notes the last use of credentials, at most once a minute each.</summary>
public sealed class CredentialUse(WriteBehindQueue queue, TimeProvider clock)
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _noted = new(StringComparer.Ordinal);

    public void Seen(CallerKind kind, string id, string? address)
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
        queue.Enqueue(new CredentialSeen(kind, id, now.UtcDateTime, address));
    }
}
