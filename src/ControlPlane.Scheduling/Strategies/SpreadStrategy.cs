using System.Globalization;

namespace ControlPlane.Scheduling.Strategies;

/// <summary>
/// Classic Swarm's spread: the lowest sum of the CPU and memory percentages reserved with the request (100 for what is not
/// asked), then the fewest containers in any state.
/// </summary>
internal sealed class SpreadStrategy : IPlacementStrategy
{
    private const int NotAsked = 100;

    public string Name => StrategyNames.Spread;

    public RankOrder Order => RankOrder.LowestWeight;

    public NodeScore Score(in NodeView node, PlacementRequest request)
    {
        var capacity = node.Facts.Capacity;
        var memory = Percent(node.Usage.ReservedMemoryBytes, request.MemoryBytes, capacity.ReservableMemoryBytes);
        var cpu = Percent(node.Usage.ReservedNanoCpus, request.NanoCpus, capacity.ReservableNanoCpus);
        return new NodeScore(
            node.Id, node.Name, (memory ?? NotAsked) + (cpu ?? NotAsked), memory, cpu, node.Usage.ContainerCount);
    }

    public int Compare(in NodeScore first, in NodeScore second) =>
        first.Weight != second.Weight ? first.Weight.CompareTo(second.Weight) : first.Containers.CompareTo(second.Containers);

    public string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request)
    {
        if (next is not { } second)
        {
            return $"{winner.Name} won: it is the only node that fits";
        }

        if (winner.Weight != second.Weight)
        {
            return $"{winner.Name} won: the least reserved with this request ({Load(winner)}); next is {second.Name} ({Load(second)})";
        }

        var countsAlone = request is { MemoryBytes: 0, NanoCpus: 0 };
        var sameLoad = countsAlone ? "" : $"as much reserved as {second.Name} ({Load(winner)})";
        if (winner.Containers != second.Containers)
        {
            return countsAlone
                ? $"{winner.Name} won: the fewest containers ({Number(winner.Containers)}); next is {second.Name} ({Number(second.Containers)})"
                : $"{winner.Name} won: {sameLoad} and fewer containers ({Number(winner.Containers)} against {Number(second.Containers)})";
        }

        var same = countsAlone ? $"as many containers as {second.Name}" : $"{sameLoad} and as many containers";
        return $"{winner.Name} won: {same} ({Number(winner.Containers)}); the tie was broken by the request's seed";
    }

    // The percentage's operands are bounded by NodeCapacity.MaxQuantity: no overflow.
    private static int? Percent(long reserved, long requested, long reservable) =>
        requested == 0 ? null : (int)((reserved + requested) * 100 / Math.Max(1, reservable));

    private static string Load(in NodeScore score) => (score.MemoryPercent, score.CpuPercent) switch
    {
        ({ } memory, { } cpu) => $"memory {Number(memory)} %, CPU {Number(cpu)} %",
        ({ } memory, null) => $"memory {Number(memory)} %",
        (null, { } cpu) => $"CPU {Number(cpu)} %",
        _ => "nothing",
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
