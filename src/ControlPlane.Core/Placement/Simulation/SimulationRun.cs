using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>Places on a copy, one after the other, and keeps what came of it.</summary>
internal sealed class SimulationRun(ClusterCopy copy, VisibleNodes visible)
{
    private const int NamesShown = 20;

    private readonly Dictionary<string, (int Count, SortedSet<int> Requests, List<string> Moves)> _refusals = new(StringComparer.Ordinal);
    private readonly List<SimulatedPlacementView> _placements = [];
    private readonly List<SimulatedMoveView> _moves = [];

    public IReadOnlyList<SimulatedPlacementView> Placements => _placements;

    public IReadOnlyList<SimulatedMoveView> Moves => _moves;

    public IReadOnlyList<RefusalGroup> Refusals =>
    [
        .. _refusals.OrderByDescending(group => group.Value.Count).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new RefusalGroup(group.Key, group.Value.Count, [.. group.Value.Requests], group.Value.Moves)),
    ];

    /// <summary>Takes a container off its node and places it anew; where it fits nowhere it stays.</summary>
    public void Move(DisplacedContainer container, bool explain)
    {
        copy.Index.Remove(container.Record.Id);
        var placement = Place(container.Record.Id, container.Record.Intent!.Name, container.Request, explain);
        if (placement.Node is null)
        {
            copy.Index.Put(container.Record.Id, container.Load);
            var (_, _, names) = Refuse(placement.Summary);
            if (names.Count < NamesShown)
            {
                names.Add(container.Record.Name);
            }
        }

        _moves.Add(new SimulatedMoveView(container.Record.Id, container.Record.Name, container.From, container.Reschedule, placement));
    }

    /// <summary>Places all copies of one request. Nothing changes between refused copies, so the first refusal holds for the rest.</summary>
    public void Create(SimulationInput.Create create, bool explain, CancellationToken cancellationToken)
    {
        PlacementView? refusal = null;
        for (var number = 1; number <= create.Count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = create.NameOf(number);
            // Two copies never have one name, so only a refusal that is not about the name goes for the next one too.
            var isFree = name is null || copy.Index.FindByName(name) is null;
            var placement = refusal is not null && isFree
                ? refusal
                : Place($"simulated-{create.Index}-{number}", name ?? $"simulated.{create.Index}.{number}", create.For(number), explain);
            if (placement.Node is null)
            {
                refusal ??= isFree ? placement : null;
                Refuse(placement.Summary).Requests.Add(create.Index);
            }

            _placements.Add(new SimulatedPlacementView(create.Index, number, name, placement));
        }
    }

    private PlacementView Place(string key, string name, PlacementRequest request, bool explain)
    {
        if (copy.Index.FindByName(name) is not null)
        {
            return new PlacementView { Strategy = request.Strategy, Summary = $"The name {name} is taken.", At = copy.At };
        }

        var full = explain ? PlacementViews.Full(copy.Index.Explain(request), request.Strategy, copy.Cluster, copy.At, PlacementViews.DefaultNodes, visible) : null;
        return copy.Index.DecideAndReserve(key, name, request) switch
        {
            ReserveResult.Reserved reserved => full ?? PlacementViews.Kept(reserved.Decision, copy.Cluster, copy.At) with { Nodes = [] },
            ReserveResult.Unplaceable refusal => full ?? PlacementViews.Refused(refusal.Decision, request.Strategy, copy.At),
            _ => throw new InvalidOperationException("unexpected outcome of a reservation"),
        };
    }

    private (int Count, SortedSet<int> Requests, List<string> Moves) Refuse(string summary)
    {
        var group = _refusals.GetValueOrDefault(summary, (0, [], []));
        return _refusals[summary] = group with { Item1 = group.Item1 + 1 };
    }
}
