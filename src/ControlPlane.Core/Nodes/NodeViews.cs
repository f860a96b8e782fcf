using System.Collections.Immutable;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes;

/// <summary>From records to what people see.</summary>
public static class NodeViews
{
    public static NodeView From(NodeRecord node, ClusterSnapshot cluster, NodeLinks links)
    {
        var description = node.Description;
        var usage = node.Pulse.Last;
        return new NodeView
        {
            Id = node.Id,
            Name = node.Name,
            State = Text(node.State),
            StateSince = node.StateSince,
            StateReason = node.StateReason,
            Availability = Text(node.Availability),
            Address = node.Address,
            Collection = node.Collection,
            Labels = node.Labels,
            ServerLabels = node.ServerLabels,
            EngineLabels = description?.EngineLabels ?? ImmutableDictionary<string, string>.Empty,
            EngineVersion = description?.EngineVersion ?? "",
            LastSeen = usage?.At ?? node.SyncedAt,
            JoinedAt = node.JoinedAt,
            Connected = links.IsConnected(node.Id),
            Synced = node.Synced,
            SyncedAt = node.SyncedAt,
            AgentVersion = node.AgentVersion,
            ClockSkewMilliseconds = node.ClockSkew is { } skew ? (long)skew.TotalMilliseconds : null,
            DuplicateIdentity = node.DuplicateIdentity,
            SameEngineAs = SameEngine(node, cluster),
            Containers = node.Containers,
            Running = node.Running,
            Images = node.Images.Length,
            Networks = node.Networks.Length,
            Volumes = node.Volumes.Length,
            ReservedMemoryBytes = node.Reserved.MemoryBytes,
            ReservedNanoCpus = node.Reserved.NanoCpus,
            GenericResources = Generic(node),
            Health = node.Health,
            Host = description is null
                ? null
                : new NodeHostView(
                    description.EngineId, description.HostName, description.ApiVersion, description.MinApiVersion, description.OperatingSystem,
                    description.OsType, description.Architecture, description.KernelVersion, description.StorageDriver, description.Cpus, description.MemoryBytes),
            Usage = usage is null
                ? null
                : new NodeUsageView(usage.At, usage.CpuPercent, usage.MemoryUsedBytes, usage.MemoryTotalBytes, usage.DiskUsedBytes, usage.DiskTotalBytes),
            Policy = description?.Policy ?? [],
            Revision = node.Revision,
        };
    }

    private static Dictionary<string, GenericResourceView> Generic(NodeRecord node) => node.GenericResources.Keys
        .Union(node.Reserved.Generic.Keys, StringComparer.Ordinal)
        .ToDictionary(name => name, name => new GenericResourceView(node.GenericResources.GetValueOrDefault(name), node.Reserved.Generic.GetValueOrDefault(name)), StringComparer.Ordinal);

    public static string Text(NodeState state) => state switch
    {
        NodeState.Pending => "Pending",
        NodeState.Ready => "Ready",
        NodeState.EngineDown => "EngineDown",
        NodeState.Down => "Down",
        _ => "Unknown",
    };

    public static string Text(NodeAvailability availability) => availability switch
    {
        NodeAvailability.Pause => "pause",
        NodeAvailability.Drain => "drain",
        _ => "active",
    };

    private static IReadOnlyList<string> SameEngine(NodeRecord node, ClusterSnapshot cluster) => node.Description is { EngineId.Length: > 0 } description
        ? [
            .. cluster.Nodes.Values
                .Where(other => other.Description is { } theirs
                    && string.Equals(theirs.EngineId, description.EngineId, StringComparison.Ordinal)
                    && !string.Equals(other.Id, node.Id, StringComparison.Ordinal))
                .Select(other => other.Name)
                .Order(StringComparer.Ordinal),
        ]
        : [];
}
