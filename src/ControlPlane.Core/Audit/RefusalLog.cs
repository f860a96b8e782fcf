using System.Runtime.InteropServices;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit;

/// <summary>
/// Refusals on their way to the database. The first of a kind (who, from where, what, on what) within a minute is written at once, its
/// repeats are counted and written as one entry when the minute is over. Adding never waits, and what is held is bounded whoever sends
/// how much: a caller who tries many objects is told as one entry, and so are many callers.
/// </summary>
public sealed class RefusalLog(TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Kinds that are told apart; about 2 KB each at worst.</summary>
    internal const int MaxKinds = 5000;

    /// <summary>Kinds of one caller.</summary>
    internal const int MaxOfCaller = 200;

    private readonly Lock _sync = new();
    private readonly Dictionary<Kind, Tally> _tallies = [];
    private readonly Dictionary<Sender, int> _senders = [];

    /// <summary>Kinds that are held now.</summary>
    public int Held
    {
        get
        {
            lock (_sync)
            {
                return _tallies.Count;
            }
        }
    }

    /// <param name="entry">The entry as it would be written; its texts are bounded already.</param>
    public void Add(AuditEntity entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (_sync)
        {
            var now = clock.GetUtcNow();
            var tally = Find(entry);
            if (tally.Unwritten == 0 && now >= tally.Until)
            {
                tally.First = entry;
                tally.Until = now + Window;
            }

            tally.Latest = entry;
            tally.Unwritten++;
        }
    }

    /// <summary>Takes what is due: first ones, and counts whose minute is over; all counts when the server stops.</summary>
    internal List<AuditEntity> Take(bool all)
    {
        var taken = new List<AuditEntity>();
        lock (_sync)
        {
            var now = clock.GetUtcNow();
            foreach (var (kind, tally) in _tallies)
            {
                if (tally.First is { } first)
                {
                    taken.Add(first);
                    tally.First = null;
                    tally.Unwritten--;
                }

                if (tally.Unwritten > 0 && (all || now >= tally.Until))
                {
                    tally.Latest.Count = tally.Unwritten;
                    taken.Add(tally.Latest);
                    tally.Unwritten = 0;
                    // Who goes on is told once a minute, not twice.
                    tally.Until = now + Window;
                }
                else if (tally.Unwritten == 0 && now >= tally.Until)
                {
                    Forget(kind);
                }
            }
        }

        return taken;
    }

    private Tally Find(AuditEntity entry)
    {
        var kind = Kind.Of(entry);
        if (_tallies.TryGetValue(kind, out var known))
        {
            return known;
        }

        if (_senders.GetValueOrDefault(kind.Sender) >= MaxOfCaller)
        {
            Blur(entry, "many objects");
        }

        if (_tallies.Count >= MaxKinds && !_tallies.ContainsKey(Kind.Of(entry)))
        {
            Blur(entry, "many objects");
            (entry.ActorId, entry.ActorName, entry.CredentialId, entry.RemoteAddress) = ("", "many callers", null, null);
        }

        kind = Kind.Of(entry);
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_tallies, kind, out var exists);
        if (!exists)
        {
            tally = new Tally(entry);
            CollectionsMarshal.GetValueRefOrAddDefault(_senders, kind.Sender, out _)++;
        }

        return tally!;
    }

    // Kinds of object and actions are ours, so what is left is bounded.
    private static void Blur(AuditEntity entry, string name) => (entry.ObjectId, entry.ObjectName, entry.ParametersJson) = ("", name, null);

    private void Forget(Kind kind)
    {
        _tallies.Remove(kind);
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_senders, kind.Sender, out _) <= 0)
        {
            _senders.Remove(kind.Sender);
        }
    }

    private readonly record struct Sender(string ActorKind, string ActorId, string? Address);

    private readonly record struct Kind(Sender Sender, string? Credential, string Action, string ObjectKind, string ObjectId, string? ObjectName)
    {
        public static Kind Of(AuditEntity entry) => new(
            new Sender(entry.ActorKind, entry.ActorId, entry.RemoteAddress), entry.CredentialId, entry.Action, entry.ObjectKind, entry.ObjectId, entry.ObjectName);
    }

    private sealed class Tally(AuditEntity entry)
    {
        /// <summary>To be written as soon as possible.</summary>
        public AuditEntity? First { get; set; }

        /// <summary>Tells the request of the last one.</summary>
        public AuditEntity Latest { get; set; } = entry;

        public int Unwritten { get; set; }

        public DateTimeOffset Until { get; set; } = DateTimeOffset.MinValue;
    }
}
