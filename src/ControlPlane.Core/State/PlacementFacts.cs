using System.Globalization;
using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.State;

/// <summary>What the placement index needs to know of a node or a container.</summary>
internal static class PlacementFacts
{
    private const long NanoCpusPerCpu = 1_000_000_000;

    public static NodeFacts Of(NodeRecord node, SchedulingSettings settings)
    {
        var description = node.Description;
        return new NodeFacts
        {
            Id = new NodeId(node.Id),
            Name = node.Name,
            State = node.State switch
            {
                NodeState.Ready when node.Synced => Scheduling.NodeState.Ready,
                NodeState.EngineDown => Scheduling.NodeState.EngineDown,
                NodeState.Down => Scheduling.NodeState.Down,
                _ => Scheduling.NodeState.Unknown,
            },
            Availability = node.Availability switch
            {
                NodeAvailability.Pause => Scheduling.NodeAvailability.Pause,
                NodeAvailability.Drain => Scheduling.NodeAvailability.Drain,
                _ => Scheduling.NodeAvailability.Active,
            },
            Capacity = new NodeCapacity(description?.MemoryBytes ?? 0, (description?.Cpus ?? 0) * NanoCpusPerCpu, settings.OvercommitPercent),
            Labels = NodeLabels.From(
                description is null
                    ? null
                    : new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        [NodeLabels.StorageDriver] = description.StorageDriver,
                        [NodeLabels.KernelVersion] = description.KernelVersion,
                        [NodeLabels.OperatingSystem] = description.OperatingSystem,
                        [NodeLabels.OsType] = description.OsType,
                        [NodeLabels.Architecture] = description.Architecture,
                        ["cpus"] = description.Cpus.ToString(CultureInfo.InvariantCulture),
                    },
                node.ServerLabels,
                description?.EngineLabels),
            Health = node.Health,
            ContainerSlots = Slots(node),
            GenericResources = node.GenericResources,
            Contents = node.Contents,
            ApiVersion = Version.TryParse(description?.ApiVersion, out var version) ? version : null,
        };
    }

    // As in classic Swarm: what is not a number is no limit.
    private static int? Slots(NodeRecord node) =>
        node.Labels.TryGetValue("containerslots", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var slots) ? slots : null;

    /// <summary>Counts a container in (+1) or out (−1).</summary>
    public static NodeReserved Count(NodeReserved reserved, ContainerRecord container, int by)
    {
        var generic = reserved.Generic;
        foreach (var (name, count) in container.Intent?.Demand.GenericResources ?? [])
        {
            var now = generic.GetValueOrDefault(name) + (by * count);
            generic = now == 0 ? generic.Remove(name) : generic.SetItem(name, now);
        }

        var (memory, cpus) = Quantities(container);
        return memory == 0 && cpus == 0 && ReferenceEquals(generic, reserved.Generic)
            ? reserved
            : new NodeReserved(reserved.MemoryBytes + (by * memory), reserved.NanoCpus + (by * cpus), generic);
    }

    public static ContainerLoad Of(ContainerRecord container)
    {
        var node = new NodeId(container.NodeId);
        if (container.Intent is { } intent)
        {
            // What was promised counts, also while the engine reports something else for a moment.
            return new ContainerLoad(
                node,
                container.Observed is { } seen && !string.Equals(seen.Name, intent.Name, StringComparison.Ordinal) ? [intent.Name, seen.Name] : [intent.Name],
                intent.Demand.MemoryBytes,
                intent.Demand.NanoCpus,
                Containers.Admission.DemandPorts.Of(intent.Demand))
            {
                EngineId = container.EngineId,
                Labels = intent.Labels ?? container.Observed?.Labels ?? ContainerFacts.NoLabels,
                GenericResources = intent.Demand.GenericResources,
            };
        }

        var observed = container.Observed!;
        var (memory, cpus) = Quantities(container);
        var ports = new List<HostPort>();
        foreach (var port in observed.Ports)
        {
            if (port.HostPort > 0 && HostPort.TryCreate(port.HostIp, port.HostPort, port.Protocol, out var hostPort))
            {
                ports.Add(hostPort);
            }
        }

        return new ContainerLoad(
            node,
            // An old copy has no claim to the name: the container it was has it.
            container.CopyOf is null ? [container.Name] : [],
            memory,
            cpus,
            ports)
        {
            EngineId = container.EngineId,
            Labels = observed.Labels,
        };
    }

    // What was promised counts. Engines accept any 64-bit figure; bounded, no sum can overflow.
    private static (long MemoryBytes, long NanoCpus) Quantities(ContainerRecord container)
    {
        var (memory, cpus) = container switch
        {
            { Intent: { } intent } => (intent.Demand.MemoryBytes, intent.Demand.NanoCpus),
            { Observed: { } seen } => (seen.MemoryReservationBytes > 0 ? seen.MemoryReservationBytes : seen.MemoryBytes, seen.NanoCpus),
            _ => (0, 0),
        };
        return (Math.Clamp(memory, 0, NodeCapacity.MaxQuantity), Math.Clamp(cpus, 0, NodeCapacity.MaxQuantity));
    }
}
