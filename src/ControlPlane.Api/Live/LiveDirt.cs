using ControlPlane.Contracts.Live;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Live;

/// <summary>Ids collected for one page.</summary>
internal sealed class LiveDirt
{
    private readonly HashSet<string> _containers = [];
    private readonly HashSet<string> _nodes = [];
    private readonly HashSet<string> _operations = [];
    private readonly HashSet<string> _addedContainers = [];
    private readonly HashSet<string> _addedNodes = [];

    /// <summary>Something the page cares about changed, also when no row of it did.</summary>
    public bool Any { get; set; }

    public HashSet<string> Removed { get; } = [];

    public HashSet<string>? Of(ObjectKind what) => what switch
    {
        ObjectKind.Container => _containers,
        ObjectKind.Node or ObjectKind.NodeContent => _nodes,
        ObjectKind.Operation => _operations,
        _ => null,
    };

    public HashSet<string>? Added(ObjectKind what) => what switch
    {
        ObjectKind.Container => _addedContainers,
        ObjectKind.Node => _addedNodes,
        _ => null,
    };

    public LiveChanges ToChanges(int runningOperations) =>
        new([.. _containers], [.. _nodes], [.. _operations], [.. _addedContainers], [.. _addedNodes], [.. Removed], runningOperations);
}
