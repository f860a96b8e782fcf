using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>What would go where, also in a cluster that is different: on a copy, with no effect.</summary>
public sealed class PlacementSimulation(
    AccessGate gate, Authorizer authorizer, ClusterState state, CreateAdmission admission, IDbContextFactory<ControlPlaneDb> databases)
{
    // Each is placed anew like a request; so many take about a second.
    private const int MostMoves = 5000;
    private const int NamesShown = 20;

    /// <param name="caller">Who asks; needs the right to create in every collection that is named.</param>
    /// <param name="request">What to place and what to change.</param>
    /// <param name="cancellationToken">Nobody wants the answer any more.</param>
    public async Task<Result<SimulationView>> RunAsync(Caller caller, SimulationRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (var collection in CollectionsOf(caller, request))
        {
            if (await gate.RequireAsync(caller, Permission.ContainersCreate, collection, new AuditObject("placement", "", null), cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        var cluster = state.Current;
        var visible = new VisibleNodes(authorizer, caller, cluster);
        var input = await SimulationInput.ReadAsync(request, body => admission.CheckAsync(caller, body, cancellationToken), cluster, visible);
        if (!input.IsSuccess)
        {
            return input.Error is ForbiddenError
                ? await gate.RefuseAsync(caller, Permission.ContainersCreate, new AuditObject("placement", "", null), input.Error, cancellationToken)
                : input.Error;
        }

        var copy = ClusterCopy.Of(state);
        var (displaced, staying) = await DisplacedAsync(caller, copy, input.Value.Changes, cancellationToken);
        return displaced.Count > MostMoves
            ? new InvalidError("changes", $"At most {MostMoves} containers are placed anew; on these nodes are {displaced.Count}.")
            : Run(copy, input.Value, displaced, staying, visible, cancellationToken);
    }

    /// <summary>A label that stands for no collection is refused with the request it is on.</summary>
    private HashSet<string> CollectionsOf(Caller caller, SimulationRequest request)
    {
        var collections = (request.Requests ?? []).Where(create => create?.Request is not null).Select(create => admission.CollectionOf(caller, create.Request!))
            .Where(chosen => chosen.IsSuccess).Select(chosen => chosen.Value).ToHashSet(StringComparer.Ordinal);
        return collections.Count > 0 ? collections : [caller.DefaultCollection ?? Collections.Shared];
    }

    private static SimulationView Run(
        ClusterCopy copy, SimulationInput input, List<DisplacedContainer> displaced, List<StayingView> staying, VisibleNodes visible, CancellationToken cancellationToken)
    {
        var before = copy.Loads();
        input.Changes.Apply(copy);
        var run = new SimulationRun(copy, visible);
        foreach (var container in displaced)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Move(container, input.Explain && displaced.Count <= SimulationInput.MostExplained);
        }

        foreach (var create in input.Creates)
        {
            run.Create(create, input.Explain, cancellationToken);
        }

        var placed = run.Placements.Count(placement => placement.Placement.Node is not null);
        var moved = run.Moves.Count(move => move.Placement.Node is not null);
        return new SimulationView
        {
            Totals = new SimulationTotals(placed, run.Placements.Count - placed, moved, run.Moves.Count - moved, staying.Sum(group => group.Count)),
            Placements = run.Placements,
            Moves = run.Moves,
            Staying = staying,
            Refusals = run.Refusals,
            Nodes = Nodes(copy, input.Changes, before, visible),
            At = copy.At,
        };
    }

    private static SimulatedNodeView[] Nodes(ClusterCopy copy, ClusterChanges changes, Dictionary<string, NodeLoadView> before, VisibleNodes visible)
    {
        var after = copy.Loads();
        return
        [
            .. copy.Cluster.Nodes.Values.Where(node => visible.Has(node.Id)).Select(node => View(changes.Of(node), changes.WordFor(node.Id)))
                .Concat(changes.Added.Select(node => View(node, "added")))
                .OrderBy(node => node.Node, StringComparer.Ordinal),
        ];

        SimulatedNodeView View(NodeRecord node, string change) => new(
            node.Name,
            change,
            NodeViews.Text(node.State),
            NodeViews.Text(node.Availability),
            change == "added" ? null : before.GetValueOrDefault(node.Id),
            change == "removed" ? null : after.GetValueOrDefault(node.Id));
    }

    /// <summary>
    /// What has to go somewhere else, oldest first (what others depend on came before them), and what is moved by nobody. What the
    /// caller may not see is counted only.
    /// </summary>
    private async Task<(List<DisplacedContainer> Displaced, List<StayingView> Staying)> DisplacedAsync(
        Caller caller, ClusterCopy copy, ClusterChanges changes, CancellationToken cancellationToken)
    {
        var displaced = new List<DisplacedContainer>();
        var staying = new List<(string Node, string Reason, string? Name)>();
        if (changes.Leaving.Count == 0)
        {
            return (displaced, []);
        }

        var rows = await KeptAsync(changes.Leaving, cancellationToken);
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        foreach (var container in copy.Cluster.AllContainers.Where(container => changes.Leaving.Contains(container.NodeId))
            .OrderBy(container => container.CreatedAt).ThenBy(container => container.Id, StringComparer.Ordinal))
        {
            var from = copy.Cluster.Node(container.NodeId)?.Name ?? container.NodeId;
            var isVisible = sight.Of(container.Collection);
            if (container.Intent is null)
            {
                staying.Add((from, "made directly on its engine", isVisible ? container.Name : null));
            }
            else if (container.Intent.Phase == ContainerPhase.Removing || !rows.TryGetValue(container.Id, out var row))
            {
                staying.Add((from, "is being removed", isVisible ? container.Name : null));
            }
            else if (!isVisible)
            {
                staying.Add((from, "not yours to see", null));
            }
            else
            {
                var load = PlacementFacts.Of(container);
                var kept = KeptRequest.Read(row.RequestJson);
                displaced.Add(new DisplacedContainer(
                    container,
                    from,
                    kept.Reschedule == ReschedulePolicy.OnNodeFailure ? "on-node-failure" : "off",
                    kept.ToPlacement(row.Image, container.Id, load.Labels, state.Contents),
                    load));
            }
        }

        return (displaced, [.. staying.GroupBy(one => (one.Node, one.Reason)).OrderBy(group => group.Key).Select(group => new StayingView(
            group.Key.Node, group.Key.Reason, group.Count(), [.. group.Select(one => one.Name).OfType<string>().Order(StringComparer.Ordinal).Take(NamesShown)]))]);
    }

    private async Task<Dictionary<string, (string Image, string RequestJson)>> KeptAsync(IReadOnlySet<string> nodes, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        string[] ids = [.. nodes];
        return await db.Containers.AsNoTracking().Where(c => ids.Contains(c.NodeId))
            .Select(c => new { c.Id, c.Image, c.RequestJson })
            .ToDictionaryAsync(c => c.Id, c => (c.Image, c.RequestJson), StringComparer.Ordinal, cancellationToken);
    }
}
