namespace ControlPlane.Scheduling;

/// <summary>The checks of one request, in filter order, and how many nodes each refused first.</summary>
internal sealed class CheckList
{
    private readonly string[] _filters;
    private readonly INodeCheck[] _checks;
    private readonly int[] _refused;

    public CheckList(IReadOnlyList<INodeFilter> filters, PlacementRequest request)
    {
        var checks = new List<INodeCheck>(filters.Count);
        var names = new List<string>(filters.Count);
        foreach (var filter in filters)
        {
            if (filter.For(request) is { } check)
            {
                checks.Add(check);
                names.Add(filter.Name);
            }
        }

        _checks = [.. checks];
        _filters = [.. names];
        _refused = new int[_checks.Length];
    }

    /// <summary>Asks the checks until one refuses, and counts it.</summary>
    public bool Admits(in NodeView node)
    {
        for (var i = 0; i < _checks.Length; i++)
        {
            if (!_checks[i].Passes(node))
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
                yield return rejection with { Filter = _filters[i] };
            }
        }
    }

    public IReadOnlyList<FilterCount> Refused() =>
        [.. _filters.Zip(_refused, (filter, nodes) => new FilterCount(filter, nodes)).Where(count => count.Nodes > 0)];
}
