using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>What one container, in whatever state, takes on its node.</summary>
/// <param name="Node">Where it is.</param>
/// <param name="Names">Its names; a leading slash is ignored.</param>
/// <param name="MemoryBytes">Reserved memory (else the limit) in bytes; 0 when it has neither.</param>
/// <param name="NanoCpus">Reserved CPUs in billionths; 0 when it has none.</param>
/// <param name="HostPorts">Host ports it is bound to or asks for; ephemeral ones are ignored.</param>
public sealed record ContainerLoad(
    NodeId Node, IReadOnlyList<string> Names, long MemoryBytes, long NanoCpus, IReadOnlyList<HostPort> HostPorts)
{
    /// <summary>The engine's id; null until the engine has it.</summary>
    public string? EngineId { get; init; }

    /// <summary>Labels, for affinities and preferences.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ContainerFacts.NoLabels;

    /// <summary>Generic resources it reserves.</summary>
    public IReadOnlyList<GenericResource> GenericResources { get; init; } = [];
}
