using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>What is to be told: everything, or what has changed since the last time.</summary>
internal sealed record InventoryChange(
    bool Full,
    IReadOnlyList<ContainerReport> Containers,
    IReadOnlyList<string> Removed,
    IReadOnlyList<ImageReport>? Images,
    IReadOnlyList<NetworkReport>? Networks,
    IReadOnlyList<VolumeReport>? Volumes,
    IReadOnlyList<EngineEvent> Events);
