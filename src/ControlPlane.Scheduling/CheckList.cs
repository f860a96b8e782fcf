using System.Runtime.CompilerServices;

namespace ControlPlane.Scheduling;

/// <summary>The checks of one request, in filter order, and how many nodes each refused.</summary>
internal sealed class CheckList
{
    /// <summary>More than there are; a placement with more is refused when it is made.</summary>
    public const int MaxFilters = 32;

    private readonly Asked[] _asked;
    private readonly int _count;

    public CheckList(INodeFilter[] filters, PlacementRequest request)
    {
        // Few filters have something to say about a request; the list is made as long as that.
        var checks = new Checks();
        for (var i = 0; i < filters.Length; i++)
        {
            checks[i] = filters[i].For(request);
            _count += checks[i] is null ? 0 : 1;
        }

        _asked = new Asked[_count];
        for (int i = 0, next = 0; i < filters.Length; i++)
        {
            if (checks[i] is { } check)
            {
                _asked[next++] = new Asked(filters[i], check);
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
        List<FilterCount>? counts = null;
        foreach (var asked in _asked.AsSpan(0, _count))
        {
            if (asked.Refused > 0)
            {
                (counts ??= new List<FilterCount>(4)).Add(new FilterCount(asked.Filter.Name, asked.Refused));
            }
        }

        return counts is null ? [] : counts;
    }

    [InlineArray(MaxFilters)]
    private struct Checks
    {
        private INodeCheck? _first;
    }

    private struct Asked(INodeFilter filter, INodeCheck check)
    {
        public readonly INodeFilter Filter = filter;
        public readonly INodeCheck Check = check;
        public int Refused;
        public bool Answered;
    }
}
