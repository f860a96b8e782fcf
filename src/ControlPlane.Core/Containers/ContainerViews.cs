using System.Text.Json;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>From the state's record to what people and machines are shown.</summary>
public static class ContainerViews
{
    public static ContainerView From(ContainerRecord container, ClusterSnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(cluster);
        var node = cluster.Node(container.NodeId);
        var observed = container.Observed;
        return new ContainerView
        {
            Id = container.Id,
            Name = container.Name,
            Image = container.Image,
            Node = node?.Name ?? container.NodeId,
            NodeId = container.NodeId,
            NodeAddress = node?.Address ?? "",
            NodeState = (node?.State ?? NodeState.Down).ToString(),
            State = container.State,
            Health = observed?.Health,
            ExitCode = observed is { FinishedAt: not null, State: not "running" and not "paused" } ? observed.ExitCode : null,
            OomKilled = observed?.OomKilled ?? false,
            Error = observed?.Error ?? "",
            RestartCount = observed?.RestartCount ?? 0,
            Labels = observed?.Labels ?? new Dictionary<string, string>(),
            CreatedAt = container.CreatedAt,
            StartedAt = observed?.StartedAt,
            FinishedAt = observed?.FinishedAt,
            Ports = observed?.Ports ?? [],
            Networks = observed?.Networks ?? new Dictionary<string, string>(),
            Mounts = observed?.Mounts ?? [],
            Command = observed?.Command ?? "",
            Resources = observed is null
                ? new ContainerResourcesView(container.Intent?.Demand.MemoryBytes ?? 0, 0, container.Intent?.Demand.NanoCpus ?? 0)
                : new ContainerResourcesView(observed.MemoryBytes, observed.MemoryReservationBytes, observed.NanoCpus),
            RestartPolicy = observed?.RestartPolicy ?? "no",
            EngineId = container.EngineId,
            Managed = container.Managed,
            Owner = container.Intent?.Owner ?? "",
            Collection = container.Collection,
            Note = container.Intent?.Note ?? (container.CopyOf is null ? "" : "An old copy of a container that was moved to another node; it is removed when that one runs."),
            ReschedulePolicy = container.Intent?.Reschedule == ReschedulePolicy.OnNodeFailure ? "on-node-failure" : "off",
            ObservedAt = container.ObservedAt,
            Revision = container.Intent?.Revision ?? 0,
            Usage = container.Pulse.Last is { } sample
                ? new ContainerUsageView(sample.At, sample.Usage.CpuPercent, sample.Usage.MemoryBytes, sample.Usage.MemoryLimitBytes)
                : null,
        };
    }

    public static string WritePlacement(PlacementView placement) => JsonSerializer.Serialize(placement, ContainerJson.Default.PlacementView);

    public static PlacementView? ReadPlacement(string json) => JsonSerializer.Deserialize(json, ContainerJson.Default.PlacementView);
}
