using ControlPlane.Core.Lists;

namespace ControlPlane.Core.Containers;

/// <summary>Which containers: values of one field are alternatives, fields are ANDed.</summary>
public sealed record ContainerFilter
{
    public ListRequest List { get; init; } = new();
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Node names or ids.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    public IReadOnlyList<string> Images { get; init; } = [];
    public IReadOnlyList<string> Health { get; init; } = [];

    /// <summary>Paths of collections; what is below them counts, too.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];
    public bool? Managed { get; init; }

    /// <summary>True when it lets everything through.</summary>
    public bool IsEmpty =>
        States.Count == 0 && Nodes.Count == 0 && Labels.Count == 0 && Images.Count == 0 && Health.Count == 0 && Collections.Count == 0 && Managed is null && string.IsNullOrWhiteSpace(List.Text);

    /// <summary>Keys that a list may be sorted by.</summary>
    public static readonly IReadOnlyList<string> SortKeys = ["created", "name", "state", "node", "image"];
}
