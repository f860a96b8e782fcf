namespace ControlPlane.Scheduling;

/// <summary>How the nodes of one request are ranked: its preference over groups of nodes, if any, then its strategy.</summary>
internal sealed class Ranking(IPlacementStrategy strategy, PlacementRequest request, IClusterView view)
{
    private readonly Peers? _peers = request.Preference is { } preference ? new Peers(preference, view) : null;

    public string Strategy => strategy.Name;

    public RankOrder Order => _peers is null ? strategy.Order : RankOrder.Other;

    public NodeScore Score(in NodeView node)
    {
        var score = strategy.Score(node, request);
        return _peers is null ? score : score with { PeersInGroup = _peers.InGroupOf(node), PeersOnNode = _peers.On(node) };
    }

    public int Compare(in NodeScore first, in NodeScore second)
    {
        if (_peers is not null)
        {
            var group = first.PeersInGroup!.Value.CompareTo(second.PeersInGroup!.Value);
            var here = first.PeersOnNode!.Value.CompareTo(second.PeersOnNode!.Value);
            if (group != 0 || here != 0)
            {
                return group != 0 ? group : here;
            }
        }

        return strategy.Compare(first, second);
    }

    public string Explain(NodeScore winner, NodeScore? next) =>
        _peers is not null && next is { } second && (winner.PeersInGroup != second.PeersInGroup || winner.PeersOnNode != second.PeersOnNode)
            ? _peers.Explain(winner, second)
            : strategy.Explain(winner, next, request);
}
