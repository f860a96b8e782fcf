using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>Cuts a change of the inventory into messages that stay far below the largest one, by count and by size.</summary>
internal static class ReportParts
{
    private const int LargestPart = AgentProtocol.MaxMessageBytes / 4;

    public static IEnumerable<InventoryReport> Cut(InventoryChange change, Func<long> nextSequence, IReadOnlyList<string> commandsInFlight)
    {
        var chunks = Chunk(change.Containers).ToList();
        var sequence = change.Full ? nextSequence() : 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            var last = i == chunks.Count - 1;
            yield return new InventoryReport
            {
                Sequence = change.Full ? sequence : nextSequence(),
                Full = change.Full,
                Last = !change.Full || last,
                Containers = chunks[i],
                // What has gone goes first: a name may be taken again by a container of the same delta.
                RemovedContainers = i == 0 ? change.Removed : [],
                Images = last ? change.Images : null,
                Networks = last ? change.Networks : null,
                Volumes = last ? change.Volumes : null,
                Events = last ? change.Events : [],
                CommandsInFlight = change.Full && last ? commandsInFlight : [],
            };
        }
    }

    private static IEnumerable<List<ContainerReport>> Chunk(IReadOnlyList<ContainerReport> containers)
    {
        List<ContainerReport> chunk = [];
        var size = 0;
        foreach (var container in containers)
        {
            var weight = Weigh(container);
            if (chunk.Count == AgentProtocol.InventoryPartSize || (chunk.Count > 0 && size + weight > LargestPart))
            {
                yield return chunk;
                chunk = [];
                size = 0;
            }

            chunk.Add(container);
            size += weight;
        }

        yield return chunk;
    }

    private static int Weigh(ContainerReport container) =>
        1024 + (2 * (container.Command.Length + container.Error.Length
            + container.Labels.Sum(label => label.Key.Length + label.Value.Length + 8) + container.Mounts.Sum(mount => mount.Length + 4)));
}
