using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>Cuts a change of the inventory into messages that stay far below the largest one, by count and by size.</summary>
internal static class ReportParts
{
    private const int LargestPart = AgentProtocol.MaxMessageBytes / 4;

    public static IEnumerable<InventoryReport> Cut(InventoryChange change, Func<long> nextSequence, IReadOnlyList<string> commandsInFlight)
    {
        var parts = Parts(change);
        var sequence = change.Full ? nextSequence() : 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var last = i == parts.Count - 1;
            yield return parts[i] with
            {
                Sequence = change.Full ? sequence : nextSequence(),
                Full = change.Full,
                Last = !change.Full || last,
                CommandsInFlight = change.Full && last ? commandsInFlight : [],
            };
        }
    }

    /// <summary>Mostly one; a list that is too much for the last message gets one of its own.</summary>
    private static List<InventoryReport> Parts(InventoryChange change)
    {
        var parts = Chunk(change.Containers, AgentProtocol.InventoryPartSize, Weigh)
            .Select(chunk => Empty with { Containers = chunk })
            .DefaultIfEmpty(Empty)
            .ToList();

        // What has gone goes first: a name may be taken again by a container of the same delta.
        parts[0] = parts[0] with { RemovedContainers = change.Removed };
        var size = parts[^1].Containers.Sum(Weigh);
        Append(change.Images?.Sum(Weigh), part => part with { Images = change.Images });
        Append(change.Networks?.Sum(Weigh), part => part with { Networks = change.Networks });
        Append(change.Volumes?.Sum(Weigh), part => part with { Volumes = change.Volumes });
        foreach (var events in Chunk(change.Events, int.MaxValue, UntoldEvents.Weigh))
        {
            Append(events.Sum(UntoldEvents.Weigh), part => part with { Events = events });
        }

        return parts;

        void Append(int? weight, Func<InventoryReport, InventoryReport> add)
        {
            if (weight is not { } more)
            {
                return;
            }

            if (size > 0 && (size + more > LargestPart || parts[^1].Events.Count > 0))
            {
                parts.Add(Empty);
                size = 0;
            }

            parts[^1] = add(parts[^1]);
            size += more;
        }
    }

    private static InventoryReport Empty => new() { Sequence = 0, Full = false, Last = false };

    private static IEnumerable<List<T>> Chunk<T>(IReadOnlyList<T> items, int most, Func<T, int> weigh)
    {
        List<T> chunk = [];
        var size = 0;
        foreach (var item in items)
        {
            var weight = weigh(item);
            if (chunk.Count == most || (chunk.Count > 0 && size + weight > LargestPart))
            {
                yield return chunk;
                chunk = [];
                size = 0;
            }

            chunk.Add(item);
            size += weight;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    private static int Weigh(ContainerReport container) =>
        1024 + (2 * (container.Command.Length + container.Error.Length
            + container.Labels.Sum(label => label.Key.Length + label.Value.Length + 8) + container.Mounts.Sum(mount => mount.Length + 4)))
        + container.Endpoints.Sum(endpoint => 256 + endpoint.Key.Length + endpoint.Value.Aliases.Sum(alias => alias.Length + 4))
        + container.MountPoints.Sum(mount => 128 + mount.Name.Length + mount.Source.Length + mount.Destination.Length);

    private static int Weigh(ImageReport image) =>
        256 + image.Tags.Sum(tag => tag.Length + 4) + image.Digests.Sum(digest => digest.Length + 4) + Weigh(image.Labels);

    private static int Weigh(NetworkReport network) => 256 + network.Name.Length + Weigh(network.Labels) + JsonText.Weigh(network.Json);

    private static int Weigh(VolumeReport volume) => 256 + volume.Name.Length + volume.Mountpoint.Length + Weigh(volume.Labels) + JsonText.Weigh(volume.Json);

    private static int Weigh(IReadOnlyDictionary<string, string> labels) => labels.Sum(label => label.Key.Length + label.Value.Length + 8);
}
