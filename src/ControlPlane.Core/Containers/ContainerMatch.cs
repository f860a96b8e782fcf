using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>A container filter, prepared once for a whole list.</summary>
internal sealed class ContainerMatch
{
    private readonly ContainerFilter _filter;
    private readonly HashSet<string>? _nodeIds;
    private readonly (string Key, string? Value)[] _labels;
    private readonly string[] _words;

    public ContainerMatch(ContainerFilter filter, ClusterSnapshot cluster)
    {
        _filter = filter;
        _nodeIds = filter.Nodes.Count == 0
            ? null
            : [.. cluster.Nodes.Values.Where(node => filter.Nodes.Contains(node.Name) || filter.Nodes.Contains(node.Id)).Select(node => node.Id)];
        _labels = [.. filter.Labels.Select(Label)];
        _words = filter.List.Text?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    public bool Passes(ContainerRecord container) =>
        (_filter.Managed is not { } managed || managed == container.Managed)
        && (_filter.States.Count == 0 || _filter.States.Contains(container.State))
        && (_nodeIds is null || _nodeIds.Contains(container.NodeId))
        && (_filter.Images.Count == 0 || _filter.Images.Contains(container.Image))
        && (_filter.Collections.Count == 0 || _filter.Collections.Any(path => Access.CollectionPath.IsSelfOrUnder(container.Collection, path)))
        && (_filter.Health.Count == 0 || (container.Observed?.Health is { } health && _filter.Health.Contains(health)))
        && HasLabels(container)
        && HasWords(container);

    private bool HasLabels(ContainerRecord container)
    {
        foreach (var (key, value) in _labels)
        {
            if (container.Observed is null
                || !container.Observed.Labels.TryGetValue(key, out var actual)
                || (value is not null && !string.Equals(actual, value, StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasWords(ContainerRecord container)
    {
        foreach (var word in _words)
        {
            if (!container.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
                && !container.Image.Contains(word, StringComparison.OrdinalIgnoreCase)
                && !container.Id.StartsWith(word, StringComparison.OrdinalIgnoreCase)
                && container.EngineId?.StartsWith(word, StringComparison.OrdinalIgnoreCase) != true)
            {
                return false;
            }
        }

        return true;
    }

    private static (string, string?) Label(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }
}
