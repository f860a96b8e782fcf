namespace ControlPlane.Contracts.Live;

/// <summary>What a page shows; replaces what it said before.</summary>
/// <param name="Containers">Ids of visible containers.</param>
/// <param name="Nodes">Ids of visible nodes.</param>
/// <param name="Operations">Ids of visible operations.</param>
/// <param name="Lists">Lists of which new members matter: <c>containers nodes</c>; <c>overview</c> wants to hear of any change.</param>
public sealed record LiveWatch(
    IReadOnlyList<string> Containers, IReadOnlyList<string> Nodes, IReadOnlyList<string> Operations, IReadOnlyList<string> Lists);

/// <summary>Which rows changed; the page asks for them.</summary>
/// <param name="Containers">Visible containers that changed.</param>
/// <param name="Nodes">Visible nodes that changed.</param>
/// <param name="Operations">Visible operations that changed.</param>
/// <param name="AddedContainers">New containers, when the page shows their list.</param>
/// <param name="AddedNodes">New nodes, when the page shows their list.</param>
/// <param name="Removed">Visible objects that are gone.</param>
/// <param name="RunningOperations">How many operations run now.</param>
public sealed record LiveChanges(
    IReadOnlyList<string> Containers,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<string> Operations,
    IReadOnlyList<string> AddedContainers,
    IReadOnlyList<string> AddedNodes,
    IReadOnlyList<string> Removed,
    int RunningOperations);

/// <summary>Hot numbers of visible rows.</summary>
/// <param name="Containers">Containers with a newer sample.</param>
/// <param name="Nodes">Nodes that were heard.</param>
public sealed record LiveNumbers(IReadOnlyList<ContainerNumbers> Containers, IReadOnlyList<NodeNumbers> Nodes);

/// <summary>A container's sample.</summary>
/// <param name="Id">Cluster id.</param>
/// <param name="Cpu">0 to 100 × CPUs.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="Limit">Bytes.</param>
public sealed record ContainerNumbers(string Id, double Cpu, long Memory, long Limit);

/// <summary>A node's sample.</summary>
/// <param name="Id">Node id.</param>
/// <param name="At">When it was heard, UTC.</param>
/// <param name="Cpu">0 to 100 × CPUs.</param>
/// <param name="Cpus">CPUs.</param>
/// <param name="Memory">Bytes in use.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="Disk">Bytes in use.</param>
/// <param name="DiskTotal">Bytes; 0 when unknown.</param>
public sealed record NodeNumbers(string Id, DateTime At, double Cpu, int Cpus, long Memory, long MemoryTotal, long Disk, long DiskTotal);

/// <summary>Methods of a page that the server calls.</summary>
public interface ILiveClient
{
    /// <summary>Rows changed; at most four times a second.</summary>
    Task Changed(LiveChanges changes);

    /// <summary>Numbers of visible rows.</summary>
    Task Numbers(LiveNumbers numbers);
}
