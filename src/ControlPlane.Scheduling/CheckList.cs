namespace ControlPlane.Scheduling;

/// <summary>The checks of one request, in filter order, and how many nodes each refused.</summary>
internal sealed class CheckList
{
    private readonly INodeFilter[] _filters;
    private readonly INodeCheck[] _checks;
    private readonly int[] _refused;
    private readonly bool[] _answered;

    public CheckList(INodeFilter[] filters, PlacementRequest request)
    {
        var checks = new INodeCheck[filters.Length];
        var asked = new INodeFilter[filters.Length];
        var count = 0;
        foreach (var filter in filters)
        {
            if (filter.For(request) is { } check)
            {
                checks[count] = check;
                asked[count++] = filter;
            }
        }

        _checks = checks[..count];
        _filters = asked[..count];
        _refused = new int[count];
        _answered = new bool[count];
    }

    /// <summary>Names of the filters that have something to say about the request, in order.</summary>
    public IEnumerable<string> Filters => _filters.Select(filter => filter.Name);

    /// <summary>Lets the index answer what it can; those checks are not asked again.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="candidates">Every slot.</param>
    /// <returns>How many nodes are left, counting every slot when no check had an answer.</returns>
    public int Narrow(IClusterView view, SlotSet candidates)
    {
        var left = view.NodeCount;
        for (var i = 0; i < _checks.Length && left > 0; i++)
        {
            if (_checks[i].Narrow(view, candidates))
            {
                _answered[i] = true;
                var count = candidates.Count;
                _refused[i] += Math.Max(0, left - count);
                left = count;
            }
        }

        return left;
    }

    /// <summary>Asks the checks that the index did not answer until one refuses, and counts it.</summary>
    public bool Admits(in NodeView node)
    {
        for (var i = 0; i < _checks.Length; i++)
        {
            if (!_answered[i] && !_checks[i].Passes(node))
            {
                _refused[i]++;
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns every refusal of a node, lazily, in filter order.</summary>
    public IEnumerable<Rejection> Rejections(NodeView node)
    {
        for (var i = 0; i < _checks.Length; i++)
        {
            if (_checks[i].Explain(node) is { } rejection)
            {
                yield return rejection with { Filter = _filters[i].Name };
            }
        }
    }

    public IReadOnlyList<FilterCount> Refused()
    {
        var counts = new List<FilterCount>();
        for (var i = 0; i < _checks.Length; i++)
        {
            if (_refused[i] > 0)
            {
                counts.Add(new FilterCount(_filters[i].Name, _refused[i]));
            }
        }

        return counts;
    }
}
