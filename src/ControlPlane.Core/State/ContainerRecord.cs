using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.State;

/// <summary>A container at one moment: what was asked for and what is there. At least one of both is set. Immutable.</summary>
public sealed record ContainerRecord
{
    /// <summary>Cluster id; for a container made directly on an engine, the engine's id.</summary>
    public required string Id { get; init; }
    public required string NodeId { get; init; }

    /// <summary>The observed name, else the intended one.</summary>
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required string Collection { get; init; }
    public required DateTime CreatedAt { get; init; }

    /// <summary>What the database says; null when nobody asked us for it.</summary>
    public ContainerIntent? Intent { get; init; }

    /// <summary>What the node says; null until seen, or when gone.</summary>
    public ContainerReport? Observed { get; init; }

    /// <summary>When <see cref="Observed"/> arrived, UTC.</summary>
    public DateTime? ObservedAt { get; init; }

    /// <summary>Hot numbers beside the snapshot; survives changes of the record.</summary>
    public required ContainerPulse Pulse { get; init; }

    /// <summary>
    /// Cluster id of the container that this is an old copy of: its intent was moved to another node, and this one is to be removed.
    /// </summary>
    public string? CopyOf { get; init; }

    public bool Managed => Intent is not null;

    public string? EngineId => Observed?.EngineId ?? Intent?.EngineId;

    /// <summary>The engine's state, or <c>creating</c>/<c>removing</c> while only the intent says so.</summary>
    public string State => Intent?.Phase == ContainerPhase.Removing
        ? "removing"
        : Observed?.State ?? "creating";
}

/// <summary>The part of a container's intent that readers need.</summary>
public sealed record ContainerIntent
{
    /// <summary>The name asked for; it is reserved in the cluster whatever the engine calls the container.</summary>
    public required string Name { get; init; }
    public required ContainerPhase Phase { get; init; }
    public required string Owner { get; init; }
    public required int Generation { get; init; }

    /// <summary>Version of the row: the ETag.</summary>
    public required long Revision { get; init; }
    public string? EngineId { get; init; }
    public string? Note { get; init; }

    /// <summary>Labels asked for; null when the row does not say (then the node's report does).</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>What becomes of it when its node fails.</summary>
    public ReschedulePolicy Reschedule { get; init; }

    /// <summary>Copies on nodes that it was moved away from.</summary>
    public IReadOnlyList<LeftCopy> Left { get; init; } = [];

    /// <summary>What it takes from its node.</summary>
    public required SpecDemand Demand { get; init; }
}

/// <summary>The last usage sample of a container.</summary>
public sealed class ContainerPulse
{
    private volatile ContainerSample? _last;

    public ContainerSample? Last => _last;

    public void Set(ContainerSample sample) => _last = sample;
}

/// <summary>A usage sample with its age.</summary>
public sealed record ContainerSample(DateTime At, ContainerUsage Usage);
