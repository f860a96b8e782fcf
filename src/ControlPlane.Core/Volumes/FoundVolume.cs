using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Volumes;

/// <summary>A volume on its node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Report">As the node reported it.</param>
/// <param name="Collection">Where it belongs.</param>
/// <param name="Owner">Name of who made it through us; null = made directly on the engine.</param>
public sealed record FoundVolume(NodeRecord Node, VolumeReport Report, string Collection, string? Owner)
{
    /// <summary>The name that is unique in the cluster.</summary>
    public string FullName => $"{Node.Name}/{Report.Name}";

    internal OwnedKey Key => new(OwnedKind.Volume, Report.Name);
}

/// <summary>Which volumes; values of one field are alternatives, except labels, all of which must hold.</summary>
public sealed record VolumeFilter
{
    /// <summary>Parts of names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
    public IReadOnlyList<string> Drivers { get; init; } = [];

    /// <summary>Names of nodes.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];
    public LabelFilters Labels { get; init; } = LabelFilters.None;

    /// <summary>Used by no container (true) or by one (false).</summary>
    public bool? Dangling { get; init; }
}
