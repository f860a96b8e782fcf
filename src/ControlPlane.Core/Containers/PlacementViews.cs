using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers;

/// <summary>From the scheduler's decision to what is kept and shown.</summary>
internal static class PlacementViews
{
    private static readonly Dictionary<string, double> NoScores = new(StringComparer.Ordinal);

    /// <summary>What is kept with a container: winner, the next few, counts per filter.</summary>
    public static PlacementView Kept(Placed placed, ClusterSnapshot cluster, DateTime at)
    {
        var nodes = new List<PlacementNodeView> { Scored(placed.Winner, 1, "chosen", cluster) };
        nodes.AddRange(placed.Next.Select((score, i) => Scored(score, i + 2, "candidate", cluster)));
        return new PlacementView
        {
            Node = Name(placed.Node, cluster),
            Strategy = placed.Strategy,
            Summary = placed.Why,
            RemovedByFilter = Counts(placed),
            Nodes = nodes,
            At = at,
        };
    }

    public static PlacementView Refused(Unplaceable refusal, string strategy, DateTime at) => new()
    {
        Strategy = strategy,
        Summary = refusal.Text,
        RemovedByFilter = Counts(refusal),
        At = at,
    };

    /// <summary>Every reason for every node.</summary>
    public static PlacementView Full(PlacementExplanation explanation, string strategy, ClusterSnapshot cluster, DateTime at)
    {
        var chosen = (explanation.Decision as Placed)?.Node;
        var rank = 0;
        var survivors = explanation.Nodes.Where(node => node.Rejections.Count == 0).ToList();
        if (explanation.Decision is Placed placed)
        {
            // The scheduler's order, best first.
            var order = new List<NodeScore> { placed.Winner };
            order.AddRange(placed.Next);
            survivors = [.. survivors.OrderBy(node => order.FindIndex(score => score.Node == node.Node) is var i and >= 0 ? i : int.MaxValue)];
        }

        var nodes = new List<PlacementNodeView>(explanation.Nodes.Count);
        foreach (var node in survivors)
        {
            rank++;
            nodes.Add(new PlacementNodeView(node.Name, node.Node == chosen ? "chosen" : "candidate", rank, Parts(node.Score), []));
        }

        foreach (var node in explanation.Nodes.Where(node => node.Rejections.Count > 0))
        {
            nodes.Add(new PlacementNodeView(node.Name, "filtered", null, Parts(node.Score), [.. node.Rejections.Select(rejection => rejection.Text)]));
        }

        return new PlacementView
        {
            Node = chosen is { } id ? Name(id, cluster) : null,
            Strategy = strategy,
            Summary = explanation.Text,
            RemovedByFilter = Counts(explanation.Decision),
            Nodes = nodes,
            At = at,
        };
    }

    private static Dictionary<string, int> Counts(PlacementDecision decision) =>
        decision.Refused.ToDictionary(count => count.Filter, count => count.Nodes, StringComparer.Ordinal);

    private static PlacementNodeView Scored(NodeScore score, int rank, string result, ClusterSnapshot cluster) =>
        new(Name(score.Node, cluster), result, rank, Parts(score), []);

    private static Dictionary<string, double> Parts(NodeScore? score)
    {
        if (score is not { } rated)
        {
            return NoScores;
        }

        var parts = new Dictionary<string, double>(StringComparer.Ordinal) { ["weight"] = rated.Weight, ["containers"] = rated.Containers };
        if (rated.MemoryPercent is { } memory)
        {
            parts["memoryPercent"] = memory;
        }

        if (rated.CpuPercent is { } cpu)
        {
            parts["cpuPercent"] = cpu;
        }

        return parts;
    }

    private static string Name(NodeId id, ClusterSnapshot cluster) => cluster.Node(id.Value)?.Name ?? id.Value;
}
