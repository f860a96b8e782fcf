using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Overview;

/// <summary>Looks over the whole snapshot; never asks a node.</summary>
public sealed class ClusterOverview(ClusterState state, Authorizer authorizer)
{
    private const int MaxAttention = 10;
    private const int ManyRestarts = 3;

    public Result<OverviewView> Get(Caller caller)
    {
        // Everybody has an overview: of what they may see, which may be nothing.
        if (caller.Kind == CallerKind.Anonymous || caller.Pending is not null)
        {
            return authorizer.Check(caller, Permission.NodesRead, Collections.Root)!;
        }

        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var containers = cluster.AllContainers.Where(container => sight.Of(container.Collection)).ToList();
        var nodeSight = new CollectionSight(authorizer, caller, Permission.NodesRead);
        var nodes = cluster.Nodes.Values.Where(node => nodeSight.Of(node.Collection)).ToList();
        var ready = nodes.Where(node => node.State == NodeState.Ready).ToList();
        var reserved = Reserved(containers);
        return new OverviewView
        {
            Nodes = nodes.CountBy(node => node.State).ToDictionary(),
            Paused = nodes.Count(node => node.Availability != NodeAvailability.Active),
            Containers = containers.CountBy(container => container.State).ToDictionary(StringComparer.Ordinal),
            Unhealthy = containers.Count(IsUnhealthy),
            Failed = containers.Count(HasFailed),
            Cpu = new Capacity(
                ready.Sum(node => (node.Pulse.Last?.CpuPercent ?? 0) / 100),
                ready.Sum(node => reserved.GetValueOrDefault(node.Id).NanoCpus / 1e9),
                ready.Sum(node => node.Description?.Cpus ?? 0)),
            Memory = new Capacity(
                ready.Sum(node => (double)(node.Pulse.Last?.MemoryUsedBytes ?? 0)),
                ready.Sum(node => (double)reserved.GetValueOrDefault(node.Id).Bytes),
                ready.Sum(node => (double)(node.Description?.MemoryBytes ?? 0))),
            Attention =
            [
                .. nodes.SelectMany(About).Concat(containers.SelectMany(container => About(container, cluster)))
                    .OrderByDescending(item => item.Grave).ThenByDescending(item => item.Kind == "node").ThenByDescending(item => item.Since).Take(MaxAttention),
            ],
            Tiles = [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal).Select(node => Tile(node, reserved.GetValueOrDefault(node.Id).Bytes))],
        };
    }

    private static Dictionary<string, (long Bytes, long NanoCpus)> Reserved(List<ContainerRecord> containers)
    {
        var reserved = new Dictionary<string, (long Bytes, long NanoCpus)>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            // As placement counts: what was promised, else the reservation, else the limit.
            var bytes = container.Intent?.Demand.MemoryBytes
                ?? (container.Observed is { } seen ? (seen.MemoryReservationBytes > 0 ? seen.MemoryReservationBytes : seen.MemoryBytes) : 0);
            var cpus = container.Intent?.Demand.NanoCpus ?? container.Observed?.NanoCpus ?? 0;
            var (sumBytes, sumCpus) = reserved.GetValueOrDefault(container.NodeId);
            reserved[container.NodeId] = (sumBytes + bytes, sumCpus + cpus);
        }

        return reserved;
    }

    private static NodeTile Tile(NodeRecord node, long reserved) =>
        new(node, node.Description is { MemoryBytes: > 0 } description ? Math.Clamp((double)reserved / description.MemoryBytes, 0, 1) : 0, reserved);

    private static IEnumerable<Attention> About(NodeRecord node)
    {
        if (node.State != NodeState.Ready)
        {
            var text = node.State switch
            {
                NodeState.Pending => "waits for approval",
                NodeState.EngineDown => "is there, but its engine does not answer",
                NodeState.Down => "is down",
                _ => "has not been heard",
            };
            yield return new Attention("node", node.Id, node.Name, text, node.StateSince, node.State != NodeState.Pending);
        }

        if (node.DuplicateIdentity)
        {
            yield return new Attention("node", node.Id, node.Name, "is used by two agents", node.StateSince, true);
        }
    }

    private static IEnumerable<Attention> About(ContainerRecord container, ClusterSnapshot cluster)
    {
        var on = $" on {cluster.Node(container.NodeId)?.Name ?? container.NodeId}";
        if (IsUnhealthy(container))
        {
            yield return new Attention("container", container.Id, container.Name, "is unhealthy" + on, container.ObservedAt ?? container.CreatedAt, true);
        }
        else if (container.State == "restarting" || (container.State == "running" && container.Observed?.RestartCount >= ManyRestarts))
        {
            yield return new Attention("container", container.Id, container.Name, $"restarted {container.Observed?.RestartCount} times" + on, container.Observed?.StartedAt ?? container.CreatedAt, container.State == "restarting");
        }
        else if (HasFailed(container))
        {
            var text = container.Observed!.OomKilled ? "was killed: out of memory" : $"exited with {container.Observed.ExitCode}";
            yield return new Attention("container", container.Id, container.Name, text + on, container.Observed.FinishedAt ?? container.CreatedAt, false);
        }
    }

    private static bool IsUnhealthy(ContainerRecord container) => container.State == "running" && container.Observed?.Health == "unhealthy";

    private static bool HasFailed(ContainerRecord container) => container.State is "exited" or "dead" && container.Observed is { ExitCode: not 0 };
}
