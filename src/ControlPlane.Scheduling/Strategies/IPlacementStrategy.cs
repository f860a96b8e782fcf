namespace ControlPlane.Scheduling;

/// <summary>Ranks the nodes that passed every filter. Pure; the ring order of the view breaks what remains equal.</summary>
public interface IPlacementStrategy
{
    /// <summary>The name requests ask for, e.g. <c>spread</c>.</summary>
    string Name { get; }

    /// <summary>How an index may order nodes for this strategy: as <see cref="Compare"/> does, or not at all.</summary>
    RankOrder Order { get; }

    /// <summary>Scores a node that passed the filters; allocates nothing.</summary>
    /// <param name="node">The node.</param>
    /// <param name="request">What is to be placed.</param>
    NodeScore Score(in NodeView node, PlacementRequest request);

    /// <summary>Less than zero when the first ranks before the second; zero when they are equal.</summary>
    /// <param name="first">A score.</param>
    /// <param name="second">Another score for the same request.</param>
    int Compare(in NodeScore first, in NodeScore second);

    /// <summary>Says in a sentence why the winner won.</summary>
    /// <param name="winner">The first in rank.</param>
    /// <param name="next">The second, or null when no other node fits.</param>
    /// <param name="request">What was placed.</param>
    string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request);
}
