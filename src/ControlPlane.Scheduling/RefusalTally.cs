using System.Globalization;

namespace ControlPlane.Scheduling;

/// <summary>Counts refusals by phrase and puts them into one sentence, the most frequent first.</summary>
internal sealed class RefusalTally
{
    private readonly Dictionary<RefusalPhrase, int> _nodes = [];

    private int _total;

    public void Add(Rejection first)
    {
        _total++;
        _nodes[first.Summary] = _nodes.GetValueOrDefault(first.Summary) + 1;
    }

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
