using System.Collections.Frozen;

namespace ControlPlane.Scheduling;

/// <summary>What others may ask about a container on a node.</summary>
public sealed record ContainerFacts
{
    /// <summary>A container without labels shares this.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoLabels = FrozenDictionary<string, string>.Empty;

    /// <summary>Cluster id, or the engine's id of a container we did not make.</summary>
    public required string Id { get; init; }

    /// <summary>The engine's id; null until the engine has it.</summary>
    public string? EngineId { get; init; }

    /// <summary>Names without leading slash; the first is its own.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;
}
