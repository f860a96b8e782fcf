namespace ControlPlane.Scheduling;

/// <summary>One walk over the nodes with one set of checks.</summary>
internal sealed class Attempt
{
    private readonly CheckList _checks;
    private readonly IPlacementStrategy _strategy;
    private readonly PlacementRequest _request;
    private readonly IClusterView _view;
    private readonly int _start;
    private readonly Shortlist _shortlist;
    private int _examined;

    /// <summary>Walks until the shortlist cannot change any more, but over at least so many nodes.</summary>
    public Attempt(
        IReadOnlyList<INodeFilter> filters, IPlacementStrategy strategy, PlacementRequest request, IClusterView view, int atLeast)
    {
        _checks = new CheckList(filters, request);
        _strategy = strategy;
        _request = request;
        _view = view;
        _start = SlotRing.Start(view, request.Seed);
        _shortlist = new Shortlist(strategy);
        Walk(Math.Min(atLeast, view.NodeCount));
    }

    public bool GaveUpSoft { get; init; }

    public bool Fails => _shortlist.Count == 0;

    public PlacementDecision Decision() => Fails
        ? new Unplaceable
        {
            Refused = _checks.Refused(),
            NodesExamined = _examined,
            NodesTotal = _view.NodeCount,
            SoftGivenUp = GaveUpSoft,
            Text = Refusal(),
        }
        : new Placed
        {
            Winner = _shortlist.Winner,
            Next = _shortlist.Next,
            Strategy = _strategy.Name,
            Why = _strategy.Explain(_shortlist.Winner, _shortlist.Next is [var next, ..] ? next : null, _request),
            Refused = _checks.Refused(),
            NodesExamined = _examined,
            NodesTotal = _view.NodeCount,
            SoftGivenUp = GaveUpSoft,
        };

    /// <summary>Every node with its score or all its refusals.</summary>
    public IReadOnlyList<NodeExplanation> Nodes()
    {
        var fitting = new List<(NodeScore Score, int Ring)>();
        var refused = new List<NodeExplanation>();
        foreach (var node in SlotRing.All(_view, _start))
        {
            Rejection[] rejections = [.. _checks.Rejections(node)];
            if (rejections.Length == 0)
            {
                fitting.Add((_strategy.Score(node, _request), fitting.Count));
            }
            else
            {
                refused.Add(new NodeExplanation(node.Id, node.Name, Score: null, rejections));
            }
        }

        fitting.Sort((first, second) => _strategy.Compare(first.Score, second.Score) is not 0 and var order ? order : first.Ring.CompareTo(second.Ring));
        return
        [
            .. fitting.Select(fit => new NodeExplanation(fit.Score.Node, fit.Score.Name, fit.Score, [])),
            .. refused.OrderBy(node => node.Name, StringComparer.Ordinal).ThenBy(node => node.Node.Value, StringComparer.Ordinal),
        ];
    }

    private void Walk(int atLeast)
    {
        var isRanked = _strategy.RanksByCountAlone(_request);
        foreach (var node in isRanked ? SlotRing.ByCount(_view, _start) : SlotRing.All(_view, _start))
        {
            _examined++;
            if (_checks.Admits(node))
            {
                _shortlist.Offer(_strategy.Score(node, _request));
            }

            if (isRanked && _shortlist.Count == Shortlist.Size && _examined >= atLeast)
            {
                return;
            }
        }
    }

    private string Refusal()
    {
        var tally = new RefusalTally();
        foreach (var node in SlotRing.All(_view, _start))
        {
            tally.Add(_checks.Rejections(node).First());
        }

        return tally.Sentence();
    }
}
