using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Web.Containers;

/// <summary>A table of containers; sortable when it has a query.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Query">What the address says, or null.</param>
/// <param name="List">The live list that new rows are announced to.</param>
public sealed record ContainerTable(IReadOnlyList<ContainerView> Items, ContainerListQuery? Query, string? List)
{
    /// <summary>One column of the table.</summary>
    public sealed record Column(string Title, string? Key, string Class);

    public static readonly IReadOnlyList<Column> Columns =
    [
        new("State", "state", "c-state"), new("Name", "name", "c-name"), new("Image", "image", "c-image"), new("Node", "node", "c-node"),
        new("CPU", null, "c-number"), new("Memory", null, "c-number c-memory"), new("Ports", null, "c-ports"), new("Age", "created", "c-number"),
    ];

    /// <summary>For <c>aria-sort</c>.</summary>
    public string Direction(string? key) =>
        key is null || Query is null ? "none"
        : string.Equals(Query.Sort, key, StringComparison.Ordinal) ? "ascending"
        : string.Equals(Query.Sort, "-" + key, StringComparison.Ordinal) ? "descending" : "none";
}
