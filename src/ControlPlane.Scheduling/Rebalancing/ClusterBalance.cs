namespace ControlPlane.Scheduling;

/// <summary>
/// Judges moves by how much evener they make a cluster. Unevenness is the sum of squares of the nodes' shares and, with the weight of
/// an average container, of their counts: a move helps as much as it takes from a full node and does not put on another full one.
/// Pure and immutable; the weight stays that of the beginning, so that a series of moves that all help comes to an end.
/// </summary>
public sealed class ClusterBalance
{
    /// <summary>Nodes whose counts differ by less than this share of the mean are even enough: a restart costs more.</summary>
    public const double EvenCounts = 0.1;

    /// <summary>Nodes whose shares differ by less than so many points are even enough.</summary>
    public const double EvenShares = 5;

    private readonly double _unit;
    private readonly double _meanCount;

    /// <summary>Takes the measure of a cluster.</summary>
    /// <param name="nodes">The nodes that can take containers.</param>
    public ClusterBalance(IReadOnlyCollection<NodeLoad> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var containers = nodes.Sum(node => (long)node.Containers);
        var share = nodes.Sum(node => node.Share);
        _unit = containers > 0 && share > 0 ? share / containers : 1;
        _meanCount = nodes.Count == 0 ? 0 : containers / (double)nodes.Count;
    }

    /// <summary>Share and count of a node in one number: the higher, the more it should give.</summary>
    /// <param name="node">The node.</param>
    public double Weight(in NodeLoad node) => node.Share + (_unit * node.Containers);

    /// <summary>By how much the unevenness goes down; not positive when the move does not help.</summary>
    /// <param name="from">Load of the node it is on, with it.</param>
    /// <param name="to">Load of the node it would go to, without it.</param>
    /// <param name="off">Its share of the first node, in percent.</param>
    /// <param name="on">Its share of the second node, in percent.</param>
    public double Gain(in NodeLoad from, in NodeLoad to, double off, double on)
    {
        var shares = (off * ((2 * from.Share) - off)) - (on * ((2 * to.Share) + on));
        var counts = 2.0 * (from.Containers - to.Containers - 1);
        return shares + (_unit * _unit * counts);
    }

    /// <summary>True when a move helps and the two nodes differ enough to be worth a restart.</summary>
    /// <param name="from">Load of the node it is on, with it.</param>
    /// <param name="to">Load of the node it would go to, without it.</param>
    /// <param name="off">Its share of the first node, in percent.</param>
    /// <param name="on">Its share of the second node, in percent.</param>
    public bool IsWorthwhile(in NodeLoad from, in NodeLoad to, double off, double on) =>
        Gain(from, to, off, on) > 1e-9
        && (from.Containers - to.Containers >= Math.Max(2, EvenCounts * _meanCount) || from.Share - to.Share >= Math.Max(EvenShares, off + on));
}
