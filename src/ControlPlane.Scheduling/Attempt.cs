namespace ControlPlane.Scheduling;

/// <summary>One walk over the nodes with one set of checks.</summary>
internal sealed class Attempt : IRankSink
{
    // A cluster this small is always examined whole (a few microseconds), so that people get complete counts.
    private const int AlwaysExamined = 64;

    // So few candidates are walked one by one; more are left to the view's order.
    private const int FewCandidates = 16;

    private readonly CheckList _checks;
    private readonly Ranking _ranking;
    private readonly PlacementRequest _request;
    private readonly IClusterView _view;
    private readonly int _start;
    private readonly Shortlist _shortlist;
    private SlotSet? _candidates;
    private int _examined;

    /// <summary>Walks until the shortlist cannot change any more.</summary>
    /// <param name="filters">In order.</param>
    /// <param name="strategy">Ranks what passes.</param>
    /// <param name="request">What is to be placed.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="wholly">Look at every node, so that every count is complete.</param>
    public Attempt(INodeFilter[] filters, IPlacementStrategy strategy, PlacementRequest request, IClusterView view, bool wholly)
    {
        _checks = new CheckList(filters, request);
        _ranking = new Ranking(strategy, request, view);
        _request = request;
        _view = view;
        _start = SlotRing.Start(view, request.Seed);
        _shortlist = new Shortlist(_ranking);
        if (wholly || view.NodeCount <= AlwaysExamined)
        {
            Walk();
        }
        else
        {
            Search();
        }
    }

    public bool GaveUpSoft { get; init; }

    public bool Fails => _shortlist.Count == 0;

    /// <summary>What was found. Where nothing was, every node is asked once more for its reason.</summary>
    public PlacementDecision Decision()
    {
        if (Fails)
        {
            var (counts, text) = Refusal();
            return new Unplaceable
            {
                Refused = counts,
                NodesExamined = _view.NodeCount,
                NodesTotal = _view.NodeCount,
                SoftGivenUp = GaveUpSoft,
                Text = text,
            };
        }

        return new Placed
        {
            Winner = _shortlist.Winner,
            Shortlist = new ArraySegment<NodeScore>(_shortlist.Best, 0, _shortlist.Count),
            Strategy = _ranking.Strategy,
            Ranking = _ranking,
            Refused = _checks.Refused(),
            NodesExamined = _examined,
            NodesTotal = _view.NodeCount,
            SoftGivenUp = GaveUpSoft,
        };
    }

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
                fitting.Add((_ranking.Score(node), fitting.Count));
            }
            else
            {
                refused.Add(new NodeExplanation(node.Id, node.Name, Score: null, rejections));
            }
        }

        fitting.Sort((first, second) => _ranking.Compare(first.Score, second.Score) is not 0 and var order ? order : first.Ring.CompareTo(second.Ring));
        return
        [
            .. fitting.Select(fit => new NodeExplanation(fit.Score.Node, fit.Score.Name, fit.Score, [])),
            .. refused.OrderBy(node => node.Name, StringComparer.Ordinal).ThenBy(node => node.Node.Value, StringComparer.Ordinal),
        ];
    }

    int IRankSink.Offer(int slot)
    {
        if (_candidates!.Contains(slot) && _view.TryGetNode(slot, out var node))
        {
            Look(node);
        }

        return _shortlist.Limit;
    }

    private void Walk()
    {
        foreach (var node in SlotRing.All(_view, _start))
        {
            Look(node);
        }
    }

    private void Search()
    {
        using var candidates = new SlotSet(_view.SlotCount);
        var left = _checks.Narrow(_view, candidates);
        _examined = _view.NodeCount - left;
        if (left <= FewCandidates)
        {
            Visit(candidates, _start, _view.SlotCount);
            Visit(candidates, 0, _start);
            return;
        }

        _candidates = candidates;
        _view.Scan(new RankScan(_start, _ranking.Order, _request.MemoryBytes, _request.NanoCpus, Group()), this);
        _candidates = null;
    }

    private void Visit(SlotSet candidates, int from, int to)
    {
        for (var slot = candidates.Next(from); slot >= 0 && slot < to; slot = candidates.Next(slot + 1))
        {
            if (_view.TryGetNode(slot, out var node))
            {
                Look(node);
            }
        }
    }

    private void Look(in NodeView node)
    {
        _examined++;
        if (_checks.Admits(node))
        {
            _shortlist.Offer(_ranking.Score(node));
        }
    }

    /// <summary>A label that every winner has: an index may keep the order of just those nodes.</summary>
    private Term? Group()
    {
        foreach (var constraint in _request.Constraints)
        {
            if (constraint is { IsExact: true, IsNegated: false, ConcernsIdentity: false })
            {
                return new Term(TermKind.Label, constraint.Key, constraint.Value);
            }
        }

        return null;
    }

    private (IReadOnlyList<FilterCount> Counts, string Text) Refusal()
    {
        var tally = new RefusalTally();
        foreach (var node in SlotRing.All(_view, _start))
        {
            tally.Add(_checks.Rejections(node).First());
        }

        return (tally.Counts(_checks.Filters), tally.Sentence());
    }
}
