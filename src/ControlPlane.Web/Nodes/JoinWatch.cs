using ControlPlane.Core.State;

namespace ControlPlane.Web.Nodes;

/// <summary>Nodes that came since the command was shown.</summary>
/// <param name="Since">When that was, UTC.</param>
/// <param name="Nodes">The newest first.</param>
public sealed record JoinWatch(DateTime Since, IReadOnlyList<NodeRecord> Nodes)
{
    public string Address => $"/nodes/add?handler=Watch&since={Since.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    public static JoinWatch From(DateTime since, IEnumerable<NodeRecord> all) =>
        new(since, [.. all.Where(node => node.JoinedAt >= since).OrderByDescending(node => node.JoinedAt)]);
}
