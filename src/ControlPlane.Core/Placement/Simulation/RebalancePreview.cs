using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>Which containers would move to even out the cluster: on a copy, and nothing moves by itself.</summary>
public sealed class RebalancePreview(Authorizer authorizer, ClusterState state, IDbContextFactory<ControlPlaneDb> databases)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;
    private const int NamesShown = 20;

    /// <param name="caller">Sees only moves of containers, and between nodes, that they may see.</param>
    /// <param name="limit">Moves at most.</param>
    /// <param name="cancellationToken">Nobody wants the answer any more.</param>
    public async Task<Result<RebalanceView>> GetAsync(Caller caller, int limit, CancellationToken cancellationToken)
    {
        if (authorizer.CheckAnywhere(caller, Permission.NodesRead) is { } refused)
        {
            return refused;
        }

        if (limit is < 1 or > MaxLimit)
        {
            return new InvalidError("limit", $"must be 1 to {MaxLimit}");
        }

        var copy = ClusterCopy.Of(state);
        var visible = new VisibleNodes(authorizer, caller, copy.Cluster);
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var nodes = ClusterCopy.Views(copy.Index.View)
            .Where(node => node.Facts is { State: Scheduling.NodeState.Ready, Availability: Scheduling.NodeAvailability.Active } && visible.Has(node.Id.Value))
            .Select(node => node.Id.Value).ToHashSet(StringComparer.Ordinal);
        var before = copy.Loads();
        var plan = new RebalancePlan(copy, nodes);
        var start = plan.Balance;
        var on = copy.Cluster.AllContainers.Where(container => nodes.Contains(container.NodeId)).ToLookup(container => container.NodeId, StringComparer.Ordinal);
        var movable = new Dictionary<string, List<MovableContainer>>(StringComparer.Ordinal);
        var staying = new List<StayingView>();
        while (plan.Moves.Count < limit && plan.Fullest() is { } node)
        {
            if (!movable.TryGetValue(node, out var containers))
            {
                movable[node] = containers = await MovableAsync(copy.Cluster.Node(node)!.Name, node, on[node], sight, staying, cancellationToken);
            }

            plan.Relieve(node, containers, cancellationToken);
        }

        var after = copy.Loads();
        return new RebalanceView
        {
            Before = start,
            After = plan.Balance,
            Moves = plan.Moves,
            NotMovable = staying,
            Nodes =
            [
                .. nodes.Select(id => copy.Cluster.Node(id)!).OrderBy(record => record.Name, StringComparer.Ordinal).Select(record => new SimulatedNodeView(
                    record.Name, "", NodeViews.Text(record.State), NodeViews.Text(record.Availability), before[record.Id], after[record.Id])),
            ],
            IsPartial = plan.IsPartial,
            At = copy.At,
        };
    }

    /// <summary>What could leave a node, by name; the rest is noted with its reason.</summary>
    private async Task<List<MovableContainer>> MovableAsync(
        string name, string node, IEnumerable<ContainerRecord> containers, CollectionSight sight, List<StayingView> staying, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Containers.AsNoTracking().Where(c => c.NodeId == node).ToDictionaryAsync(c => c.Id, StringComparer.Ordinal, cancellationToken);
        var needed = MovableContainer.Needed(rows.Values);
        var movable = new List<MovableContainer>();
        var kept = new List<(string Reason, string? Name)>();
        foreach (var container in containers.OrderBy(container => container.Name, StringComparer.Ordinal).ThenBy(container => container.Id, StringComparer.Ordinal))
        {
            if (!sight.Of(container.Collection))
            {
                kept.Add(("not yours to see", null));
                continue;
            }

            var load = PlacementFacts.Of(container);
            var row = rows.GetValueOrDefault(container.Id);
            var request = row is null ? null : KeptRequest.Read(row.RequestJson).ToPlacement(row.Image, row.Id, load.Labels, state.Contents);
            if (MovableContainer.WhyNot(container, row, request, needed) is { } reason)
            {
                kept.Add((reason, container.Name));
            }
            else
            {
                movable.Add(new MovableContainer(container, request!, load));
            }
        }

        staying.AddRange(kept.GroupBy(one => one.Reason, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new StayingView(name, group.Key, group.Count(), [.. group.Select(one => one.Name).OfType<string>().Take(NamesShown)])));
        return movable;
    }
}
