using System.Collections.Immutable;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>What people have said about nodes that failed together, and what the rescheduler waits for.</summary>
public sealed class ReschedulingHold
{
    private readonly Lock _gate = new();
    private ImmutableHashSet<string> _confirmed = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private Tuple<int, int> _counts = new(0, 0);

    internal IReadOnlySet<string> Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>As of the rescheduler's last look.</summary>
    internal (int Moving, int Waiting) Counts
    {
        get => (Volatile.Read(ref _counts).Item1, Volatile.Read(ref _counts).Item2);
        set => Volatile.Write(ref _counts, new(value.Moving, value.Waiting));
    }

    /// <summary>These nodes have failed indeed. In memory: after a restart of the server it has to be said again, or time says so.</summary>
    internal void Confirm(IEnumerable<string> nodes)
    {
        lock (_gate)
        {
            Volatile.Write(ref _confirmed, _confirmed.Union(nodes));
        }
    }

    /// <summary>A node that was well again fails anew.</summary>
    internal void Forget(ClusterSnapshot cluster)
    {
        if (_confirmed.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            Volatile.Write(ref _confirmed, [.. _confirmed.Where(id => cluster.Node(id) is { State: not NodeState.Ready })]);
        }
    }
}
