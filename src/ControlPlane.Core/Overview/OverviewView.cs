using ControlPlane.Core.State;

namespace ControlPlane.Core.Overview;

/// <summary>The cluster in numbers, and what in it needs somebody.</summary>
public sealed record OverviewView
{
    public required IReadOnlyDictionary<NodeState, int> Nodes { get; init; }
    public required int Paused { get; init; }

    /// <summary>By state; <c>unhealthy</c> and <c>failed</c> (exited with an error) are counted beside it.</summary>
    public required IReadOnlyDictionary<string, int> Containers { get; init; }
    public required int Unhealthy { get; init; }
    public required int Failed { get; init; }
    public required Capacity Cpu { get; init; }
    public required Capacity Memory { get; init; }
    public required IReadOnlyList<Attention> Attention { get; init; }
    public required IReadOnlyList<NodeTile> Tiles { get; init; }
}

/// <summary>Used, promised and there; CPUs or bytes, of nodes that are Ready.</summary>
public sealed record Capacity(double Used, double Reserved, double Total);

/// <summary>One thing that needs somebody.</summary>
/// <param name="Kind"><c>node</c> or <c>container</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">What is wrong, as the rest of a sentence.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Grave">Something does not work now.</param>
public sealed record Attention(string Kind, string Id, string Name, string Text, DateTime Since, bool Grave);

/// <summary>One node on the map.</summary>
public sealed record NodeTile(NodeRecord Node, double ReservedShare, long ReservedBytes);
