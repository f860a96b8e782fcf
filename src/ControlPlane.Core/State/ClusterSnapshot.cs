using System.Collections.Immutable;

namespace ControlPlane.Core.State;

/// <summary>The whole cluster at one moment. Immutable; keep it as long as you like.</summary>
public sealed record ClusterSnapshot
{
    private ContainerRecord[]? _all;

    public required StatePosition Position { get; init; }
    public required ImmutableDictionary<string, NodeRecord> Nodes { get; init; }

    /// <summary>By <see cref="ContainerRecord.Id"/>.</summary>
    public required ImmutableDictionary<string, ContainerRecord> Containers { get; init; }

    /// <summary>Engine id → <see cref="ContainerRecord.Id"/>.</summary>
    public required ImmutableDictionary<string, string> ByEngineId { get; init; }

    /// <summary>Places of all containers, newest first: a page of them costs its own length.</summary>
    public required ImmutableSortedSet<ContainerPlace> Newest { get; init; }

    /// <summary>How many containers each collection has.</summary>
    public required ImmutableDictionary<string, int> CollectionCounts { get; init; }

    /// <summary>The cluster's settings for placement.</summary>
    public SchedulingSettings Scheduling { get; init; } = SchedulingSettings.Default;

    /// <summary>All containers in one array, made when first asked for: a scan of it is several times faster than one of the tree.</summary>
    public IReadOnlyList<ContainerRecord> AllContainers => _all ??= [.. Containers.Values];

    public NodeRecord? Node(string id) => Nodes.GetValueOrDefault(id);

    public ContainerRecord? Container(string id) =>
        Containers.GetValueOrDefault(id) ?? (ByEngineId.TryGetValue(id, out var own) ? Containers.GetValueOrDefault(own) : null);

    public NodeRecord? NodeByName(string name) => Nodes.Values.FirstOrDefault(node => string.Equals(node.Name, name, StringComparison.Ordinal));
}

/// <summary>A place in the change stream: <c>epoch.sequence</c>.</summary>
public readonly record struct StatePosition(long Epoch, long Sequence)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}.{Sequence}");

    public static bool TryParse(string? text, out StatePosition position)
    {
        position = default;
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot <= 0
            || !long.TryParse(text.AsSpan(0, dot), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(text.AsSpan(dot + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        position = new StatePosition(epoch, sequence);
        return true;
    }
}
