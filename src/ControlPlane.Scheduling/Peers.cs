using System.Globalization;

namespace ControlPlane.Scheduling;

/// <summary>Where the replicas of one service are: by group of nodes and by node.</summary>
internal sealed class Peers
{
    private readonly SpreadPreference _preference;
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeId, int> _nodes = [];

    public Peers(SpreadPreference preference, IClusterView view)
    {
        _preference = preference;
        foreach (var node in SlotRing.All(view, 0))
        {
            var here = Count(node);
            if (here > 0)
            {
                _nodes[node.Id] = here;
                _groups[GroupOf(node)] = _groups.GetValueOrDefault(GroupOf(node)) + here;
            }
        }
    }

    public int InGroupOf(in NodeView node) => _groups.GetValueOrDefault(GroupOf(node));

    public int On(in NodeView node) => _nodes.GetValueOrDefault(node.Id);

    public string Explain(in NodeScore winner, in NodeScore next) => winner.PeersInGroup != next.PeersInGroup
        ? string.Create(CultureInfo.InvariantCulture, $"{winner.Name} won: its {_preference.NodeLabel} has the fewest replicas ({winner.PeersInGroup}); next is {next.Name} ({next.PeersInGroup})")
        : string.Create(CultureInfo.InvariantCulture, $"{winner.Name} won: it has the fewest replicas ({winner.PeersOnNode}); next is {next.Name} ({next.PeersOnNode})");

    private string GroupOf(in NodeView node) => node.Facts.Labels.Find(_preference.NodeLabel) ?? "";

    private int Count(in NodeView node)
    {
        var count = 0;
        foreach (var container in node.Usage.Containers)
        {
            if (container.Labels.TryGetValue(_preference.PeerLabel, out var value) && string.Equals(value, _preference.PeerValue, StringComparison.Ordinal))
            {
                count++;
            }
        }

        return count;
    }
}
