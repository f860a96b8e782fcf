using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>
/// A greedy plan on a copy: again and again the fullest node gives the container whose new place helps most, placed by its own
/// request. Each container moves once at most. The same cluster gives the same plan.
/// </summary>
internal sealed class RebalancePlan
{
    // A decision takes some ten microseconds: the search ends within a second or two, however uneven the cluster is.
    private const int MostDecisions = 20_000;

    private readonly ClusterCopy _copy;
    private readonly HashSet<string> _nodes;
    private readonly ClusterBalance _balance;
    private readonly Dictionary<string, NodeLoad> _loads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeCapacity> _capacities = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exhausted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private readonly List<RebalanceMoveView> _moves = [];
    private int _decisions;

    /// <param name="copy">Is changed by the plan.</param>
    /// <param name="nodes">Ids of the nodes that give and take.</param>
    public RebalancePlan(ClusterCopy copy, HashSet<string> nodes)
    {
        _copy = copy;
        _nodes = nodes;
        Measure();
        _balance = new ClusterBalance(_loads.Values);
    }

    public IReadOnlyList<RebalanceMoveView> Moves => _moves;

    public bool IsPartial => _decisions >= MostDecisions;

    public BalanceView Balance => _loads.Count == 0
        ? new BalanceView(0, 0, 0, 0)
        : new BalanceView(
            _loads.Values.Min(load => load.Containers),
            _loads.Values.Max(load => load.Containers),
            Math.Round(_loads.Values.Min(load => load.Share), 1),
            Math.Round(_loads.Values.Max(load => load.Share), 1));

    /// <summary>The fullest node above the average that may still have something to give; null when the plan is complete.</summary>
    public string? Fullest()
    {
        if (_loads.Count < 2 || IsPartial)
        {
            return null;
        }

        var mean = _loads.Values.Average(load => _balance.Weight(load));
        return _loads.Values.Where(load => !_exhausted.Contains(load.Node.Value) && _balance.Weight(load) > mean)
            .OrderByDescending(load => _balance.Weight(load)).ThenBy(load => load.Name, StringComparer.Ordinal)
            .Select(load => load.Node.Value).FirstOrDefault();
    }

    /// <summary>Makes the best move off a node, or notes that it has none.</summary>
    public void Relieve(string node, IReadOnlyList<MovableContainer> containers, CancellationToken cancellationToken)
    {
        (MovableContainer Container, double Gain)? best = null;
        foreach (var container in containers.Where(container => !_moved.Contains(container.Record.Id)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsPartial)
            {
                break;
            }

            if (Try(node, container) is { } gain && gain > (best?.Gain ?? 0))
            {
                best = (container, gain);
            }
        }

        if (best is null)
        {
            _exhausted.Add(node);
            return;
        }

        Move(node, best.Value.Container);
    }

    /// <summary>What the move would gain; null when it goes nowhere else or is not worth it. The copy is afterwards as before.</summary>
    private double? Try(string node, MovableContainer container)
    {
        var target = Place(container);
        _copy.Index.Release(container.Record.Id);
        _copy.Index.Put(container.Record.Id, container.Load);
        if (target is null || target == node || !_loads.TryGetValue(target, out var to))
        {
            return null;
        }

        var from = _loads[node];
        var (off, on) = (ShareOn(node, container), ShareOn(target, container));
        return _balance.IsWorthwhile(from, to, off, on) ? _balance.Gain(from, to, off, on) : null;
    }

    private void Move(string node, MovableContainer container)
    {
        var before = Balance;
        var target = Place(container)!;
        Measure();
        _moved.Add(container.Record.Id);
        _moves.Add(new RebalanceMoveView(
            container.Record.Id, container.Record.Name, _loads[node].Name, _loads[target].Name, before, Balance, container.Restarts, container.AnonymousVolumes));
    }

    private string? Place(MovableContainer container)
    {
        _decisions++;
        _copy.Index.Remove(container.Record.Id);
        return _copy.Index.DecideAndReserve(container.Record.Id, container.Record.Intent!.Name, container.Request) is ReserveResult.Reserved reserved
            ? reserved.Decision.Node.Value
            : null;
    }

    private double ShareOn(string node, MovableContainer container) =>
        NodeLoad.ShareOf(_capacities[node], container.Load.MemoryBytes, container.Load.NanoCpus);

    private void Measure()
    {
        foreach (var view in ClusterCopy.Views(_copy.Index.View).Where(view => _nodes.Contains(view.Id.Value)))
        {
            _loads[view.Id.Value] = NodeLoad.Of(view);
            _capacities[view.Id.Value] = view.Facts.Capacity;
        }
    }
}
