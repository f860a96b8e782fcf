using System.Globalization;

namespace ControlPlane.Scheduling;

/// <summary>Counts refusals by phrase and puts them into one sentence, the most frequent first.</summary>
internal sealed class RefusalTally
{
    private readonly Dictionary<RefusalPhrase, int> _nodes = [];

    private readonly Dictionary<string, int> _filters = new(StringComparer.Ordinal);

    private int _total;

    public void Add(Rejection first)
    {
        _total++;
        _filters[first.Filter] = _filters.GetValueOrDefault(first.Filter) + 1;
        _nodes[first.Summary] = _nodes.GetValueOrDefault(first.Summary) + 1;
    }

    /// <summary>Nodes by the filter that refused them first.</summary>
    /// <param name="order">The filters in order.</param>
    public IReadOnlyList<FilterCount> Counts(IEnumerable<string> order) =>
        [.. order.Where(_filters.ContainsKey).Select(filter => new FilterCount(filter, _filters[filter]))];

    public string Sentence()
    {
        if (_total == 0)
        {
            return "there is no node in the cluster";
        }

        var reasons = _nodes
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key.Many, StringComparer.Ordinal)
            .Select(pair => pair.Key.For(pair.Value));
        var nodes = _total == 1 ? "node fits" : "nodes fit";
        return string.Create(CultureInfo.InvariantCulture, $"0 of {_total} {nodes}: {string.Join(", ", reasons)}");
    }
}
