namespace ControlPlane.Scheduling;

/// <summary>The checks of one request, in filter order, and how many nodes each refused.</summary>
internal sealed class CheckList
{
    private readonly Asked[] _asked;
    private readonly int _count;

    public CheckList(INodeFilter[] filters, PlacementRequest request)
    {
        _asked = new Asked[filters.Length];
        foreach (var filter in filters)
        {
            if (filter.For(request) is { } check)
            {
                _asked[_count++] = new Asked(filter, check);
            }
        }
    }

    /// <summary>Names of the filters that have something to say about the request, in order.</summary>
    public IEnumerable<string> Filters => _asked.Take(_count).Select(asked => asked.Filter.Name);

    /// <summary>Lets the index answer what it can; those checks are not asked again.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="candidates">Every slot.</param>
    /// <returns>How many nodes are left, counting every slot when no check had an answer.</returns>
    public int Narrow(IClusterView view, SlotSet candidates)
    {
        var left = view.NodeCount;
        for (var i = 0; i < _count && left > 0; i++)
        {
            if (_asked[i].Check.Narrow(view, candidates))
            {
                _asked[i].Answered = true;
                var count = candidates.Count;
                _asked[i].Refused += Math.Max(0, left - count);
                left = count;
            }
        }

        return left;
    }

    /// <summary>Asks the checks that the index did not answer until one refuses, and counts it.</summary>
    public bool Admits(in NodeView node)
    {
        for (var i = 0; i < _count; i++)
        {
            if (!_asked[i].Answered && !_asked[i].Check.Passes(node))
            {
                _asked[i].Refused++;
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns every refusal of a node, lazily, in filter order.</summary>
    public IEnumerable<Rejection> Rejections(NodeView node)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_asked[i].Check.Explain(node) is { } rejection)
            {
                yield return rejection with { Filter = _asked[i].Filter.Name };
            }
        }
    }

    public IReadOnlyList<FilterCount> Refused()
    {
        var counts = new List<FilterCount>();
        for (var i = 0; i < _count; i++)
        {
            if (_asked[i].Refused > 0)
            {
                counts.Add(new FilterCount(_asked[i].Filter.Name, _asked[i].Refused));
            }
        }

        return counts;
    }

    private struct Asked(INodeFilter filter, INodeCheck check)
    {
        public readonly INodeFilter Filter = filter;
        public readonly INodeCheck Check = check;
        public int Refused;
        public bool Answered;
    }
}
