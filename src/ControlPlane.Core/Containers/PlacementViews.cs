using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers;

/// <summary>From the scheduler's decision to what is kept and shown.</summary>
internal static class PlacementViews
{
    /// <summary>Nodes shown where nobody said how many; the counts are complete whatever is shown.</summary>
    public const int DefaultNodes = 100;

    private static readonly Dictionary<string, double> NoScores = new(StringComparer.Ordinal);

    /// <summary>What is kept with a container: winner, the next few, counts per filter.</summary>
    public static PlacementView Kept(Placed placed, ClusterSnapshot cluster, DateTime at)
    {
        var nodes = new List<PlacementNodeView> { Scored(placed.Winner, 1, "chosen", cluster) };
        nodes.AddRange(placed.Next.Select((score, i) => Scored(score, i + 2, "candidate", cluster)));
        return new PlacementView
        {
            Node = Name(placed.Winner, cluster),
            Strategy = placed.Strategy,
            Summary = placed.Why,
            RemovedByFilter = Counts(placed),
            Nodes = nodes,
            NodesTotal = placed.NodesTotal,
            SoftGivenUp = placed.SoftGivenUp,
            At = at,
        };
    }

    public static PlacementView Refused(Unplaceable refusal, string strategy, DateTime at) => new()
    {
        Strategy = strategy,
        Summary = refusal.Text,
        RemovedByFilter = Counts(refusal),
        NodesTotal = refusal.NodesTotal,
        SoftGivenUp = refusal.SoftGivenUp,
        At = at,
    };

    /// <summary>Every reason for every node, best first, then those that do not fit by name.</summary>
    /// <param name="explanation">The scheduler's.</param>
    /// <param name="strategy">Name of the strategy asked for.</param>
    /// <param name="cluster">For names.</param>
    /// <param name="at">When, UTC.</param>
    /// <param name="limit">Nodes to show at most.</param>
    /// <param name="visible">Who asks may know of these nodes; null shows all.</param>
    public static PlacementView Full(
        PlacementExplanation explanation, string strategy, ClusterSnapshot cluster, DateTime at, int limit = DefaultNodes, VisibleNodes? visible = null)
    {
        var placed = explanation.Decision as Placed;
        var rank = 0;
        var nodes = new List<PlacementNodeView>(Math.Min(limit, explanation.Nodes.Count));
        foreach (var node in explanation.Nodes)
        {
            var fits = node.Rejections.Count == 0;
            rank += fits ? 1 : 0;
            if (nodes.Count == limit)
            {
                break;
            }

            if (visible?.Has(node.Node.Value) ?? true)
            {
                nodes.Add(fits
                    ? new PlacementNodeView(node.Name, node.Node == placed?.Node ? "chosen" : "candidate", rank, Parts(node.Score), [])
                    : new PlacementNodeView(node.Name, "filtered", null, Parts(node.Score), [.. node.Rejections.Select(rejection => rejection.Text)]));
            }
        }

        return new PlacementView
        {
            Node = placed is null ? null : Name(placed.Winner, cluster),
            Strategy = strategy,
            Summary = explanation.Text,
            RemovedByFilter = Counts(explanation.Decision),
            Nodes = nodes,
            NodesTotal = explanation.Decision.NodesTotal,
            SoftGivenUp = explanation.Decision.SoftGivenUp,
            At = at,
        };
    }

    /// <summary>What was kept, without the nodes that the caller may not see; its own node goes with the container.</summary>
    public static PlacementView VisibleTo(PlacementView kept, VisibleNodes visible) => kept with
    {
        Nodes = [.. kept.Nodes.Where(node => node.Result == "chosen" || visible.HasNamed(node.Node))],
        History = [.. kept.History.Where(attempt => visible.HasNamed(attempt.Node))],
    };

    private static Dictionary<string, int> Counts(PlacementDecision decision) =>
        decision.Refused.ToDictionary(count => count.Filter, count => count.Nodes, StringComparer.Ordinal);

    private static PlacementNodeView Scored(NodeScore score, int rank, string result, ClusterSnapshot cluster) =>
        new(Name(score, cluster), result, rank, Parts(score), []);

    private static Dictionary<string, double> Parts(NodeScore? score)
    {
        if (score is not { } rated)
        {
            return NoScores;
        }

        var parts = new Dictionary<string, double>(StringComparer.Ordinal) { ["weight"] = rated.Weight, ["containers"] = rated.Containers };
        Add("memoryPercent", rated.MemoryPercent);
        Add("cpuPercent", rated.CpuPercent);
        Add("peersInGroup", rated.PeersInGroup);
        Add("peersOnNode", rated.PeersOnNode);
        return parts;

        void Add(string name, int? value)
        {
            if (value is { } number)
            {
                parts[name] = number;
            }
        }
    }

    private static string Name(NodeScore score, ClusterSnapshot cluster) => cluster.Node(score.Node.Value)?.Name ?? score.Name;
}
