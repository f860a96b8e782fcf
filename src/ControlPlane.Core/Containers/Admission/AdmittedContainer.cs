using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>A container as it may be created: the engine form, and what is ours rather than the engine's.</summary>
public sealed record AdmittedContainer
{
    /// <summary>The name asked for; null when one is to be made.</summary>
    public required string? Name { get; init; }

    /// <summary>The body for the engine, without our own labels.</summary>
    public required ContainerSpec Spec { get; init; }

    /// <summary>The image, normalised; null when it was given as an image id, which cannot be pulled.</summary>
    public required ImageReference? Image { get; init; }

    /// <summary>Networks to connect after the create and before the start: engines before API 1.44 take one with the create.</summary>
    public required IReadOnlyList<KeyValuePair<string, EndpointSettings>> FurtherNetworks { get; init; }

    public required SpecDemand Demand { get; init; }

    public required IReadOnlyList<string> Constraints { get; init; }

    public required string Strategy { get; init; }

    /// <summary>Path of the collection asked for; null leaves it to the caller's default.</summary>
    public required string? Collection { get; init; }

    public required bool Start { get; init; }

    public required PullPolicy Pull { get; init; }
}

/// <summary>Whether to pull an image a node does not have.</summary>
public enum PullPolicy
{
    /// <summary>Pull it.</summary>
    Missing,

    /// <summary>Fail; only nodes that have it can run the container.</summary>
    Never,
}
