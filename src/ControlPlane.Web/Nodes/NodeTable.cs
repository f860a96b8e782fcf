using ControlPlane.Core.State;

namespace ControlPlane.Web.Nodes;

/// <summary>What the address says about the list of nodes; few enough to filter here.</summary>
public sealed record NodeTable(IReadOnlyList<NodeRecord> Items, int Total, string Text, string? State)
{
    public bool IsFiltered => Text.Length > 0 || State is not null;

    public static NodeTable From(IReadOnlyList<NodeRecord> all, string? text, string? state)
    {
        ArgumentNullException.ThrowIfNull(all);
        var wanted = text?.Trim() ?? "";
        return new NodeTable([.. all.Where(node => IsIn(node, state) && Has(node, wanted))], all.Count, wanted, state);
    }

    private static bool IsIn(NodeRecord node, string? state) =>
        string.IsNullOrEmpty(state)
        || string.Equals(node.State.ToString(), state, StringComparison.OrdinalIgnoreCase)
        || string.Equals(node.Availability.ToString(), state, StringComparison.OrdinalIgnoreCase);

    private static bool Has(NodeRecord node, string text) =>
        text.Length == 0
        || node.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
        || node.Id.StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || node.Labels.Any(label => $"{label.Key}={label.Value}".Contains(text, StringComparison.OrdinalIgnoreCase));
}
