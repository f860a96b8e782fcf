using ControlPlane.Contracts.Live;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Live;

/// <summary>Reads the pulses of what a page shows: only those newer than it was told.</summary>
internal static class LiveNumbersReader
{
    public static LiveNumbers? Read(LivePage page, ClusterSnapshot cluster)
    {
        var since = page.NumbersSentAt;
        var newest = since;
        var containers = new List<ContainerNumbers>();
        foreach (var id in page.Containers)
        {
            if (cluster.Containers.GetValueOrDefault(id) is { State: "running", Pulse.Last: { } sample } && sample.At > since)
            {
                newest = sample.At > newest ? sample.At : newest;
                containers.Add(new ContainerNumbers(id, Math.Round(sample.Usage.CpuPercent, 1), sample.Usage.MemoryBytes, sample.Usage.MemoryLimitBytes));
            }
        }

        var nodes = new List<NodeNumbers>();
        foreach (var id in page.Nodes)
        {
            if (cluster.Node(id) is { Pulse.Last: { } usage } node && usage.At > since)
            {
                newest = usage.At > newest ? usage.At : newest;
                nodes.Add(new NodeNumbers(
                    id, DateTime.SpecifyKind(usage.At, DateTimeKind.Utc), Math.Round(usage.CpuPercent, 1), node.Description?.Cpus ?? 0,
                    usage.MemoryUsedBytes, usage.MemoryTotalBytes, usage.DiskUsedBytes, usage.DiskTotalBytes));
            }
        }

        page.NumbersSentAt = newest;
        return containers.Count + nodes.Count == 0 ? null : new LiveNumbers(containers, nodes);
    }
}
