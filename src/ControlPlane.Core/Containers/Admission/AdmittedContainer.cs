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

    /// <summary>As written; well formed.</summary>
    public IReadOnlyList<string> Affinities { get; init; } = [];

    /// <summary>What its node has to hold, read out of the spec.</summary>
    public IReadOnlyList<Scheduling.Dependency> Dependencies { get; init; } = [];

    /// <summary>The platform asked for; null leaves it to the image.</summary>
    public Scheduling.Platform? Platform { get; init; }

    public ReschedulePolicy Reschedule { get; init; }

    /// <summary>Move it although named volumes stay behind.</summary>
    public bool RescheduleWithVolumes { get; init; }

    /// <summary>Null leaves it to the cluster's setting.</summary>
    public required string? Strategy { get; init; }

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

/// <summary>What becomes of a container when its node fails.</summary>
public enum ReschedulePolicy
{
    /// <summary>It waits for its node.</summary>
    Off,

    /// <summary>It is made anew on another node, with the same name and id.</summary>
    OnNodeFailure,
}
