using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.State;

/// <summary>From the database's row of a node to its record.</summary>
public static class NodeRecords
{
    /// <summary>A node as known before its agent has said anything in this epoch.</summary>
    public static NodeRecord From(NodeEntity entity, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var description = entity.DescriptionJson is { } json ? JsonSerializer.Deserialize(json, AgentJson.Default.NodeDescription) : null;
        var serverLabels = ReadLabels(entity.LabelsJson);
        return new NodeRecord
        {
            Id = entity.Id,
            Name = entity.Name,
            Collection = entity.Collection,
            State = entity.Approved ? NodeState.Unknown : NodeState.Pending,
            StateSince = now,
            StateReason = entity.Approved ? "The server has started; the agent has not connected yet." : "Waits for approval.",
            Availability = Enum.Parse<NodeAvailability>(entity.Availability),
            ServerLabels = serverLabels,
            Labels = Merge(description, serverLabels),
            Description = description,
            GenericResources = ReadCounts(entity.GenericResourcesJson),
            AgentVersion = entity.AgentVersion,
            JoinedAt = entity.JoinedAt,
            Revision = entity.Version,
            Pulse = new NodePulse(),
        };
    }

    public static ImmutableSortedDictionary<string, string> ReadLabels(string json) =>
        (JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Generic resources as the row keeps them.</summary>
    public static ImmutableSortedDictionary<string, long> ReadCounts(string? json) =>
        (json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, long>>(json) ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static string? WriteCounts(IReadOnlyDictionary<string, long> counts) => counts.Count == 0 ? null : JsonSerializer.Serialize(counts);

    public static string WriteLabels(IReadOnlyDictionary<string, string> labels) => JsonSerializer.Serialize(labels);

    /// <summary>Server labels win over engine labels.</summary>
    public static ImmutableSortedDictionary<string, string> Merge(NodeDescription? description, ImmutableSortedDictionary<string, string> serverLabels) =>
        (description?.EngineLabels.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))
        .SetItems(serverLabels);
}
