using System.Globalization;

namespace ControlPlane.Scheduling.Strategies;

/// <summary>
/// Classic Swarm's rating of load: the CPU and memory percentages reserved with the request, 100 for what is not asked, and ten
/// times the health. One recent failure so outweighs any difference in load.
/// </summary>
internal static class LoadScore
{
    /// <summary>What a point of health weighs against a percent of load.</summary>
    public const int HealthFactor = 10;

    private const int NotAsked = 100;

    /// <summary>The score without a weight: the strategy gives it.</summary>
    public static NodeScore Of(in NodeView node, PlacementRequest request)
    {
        var (capacity, usage) = (node.Facts.Capacity, node.Usage);
        var memory = Percent(usage.ReservedMemoryBytes, request.MemoryBytes, capacity.ReservableMemoryBytes);
        var cpu = Percent(usage.ReservedNanoCpus, request.NanoCpus, capacity.ReservableNanoCpus);
        return new NodeScore(node.Id, node.Name, Weight: 0, memory, cpu, usage.ContainerCount) { Health = node.Facts.Health };
    }

    /// <summary>The sum of both percentages.</summary>
    public static int Load(in NodeScore score) => (score.MemoryPercent ?? NotAsked) + (score.CpuPercent ?? NotAsked);

    /// <summary>Says why the winner of a ranking by load, health and count won.</summary>
    public static string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request, in LoadWords words)
    {
        if (next is not { } second)
        {
            return OnlyOne(winner);
        }

        if (winner.Weight != second.Weight)
        {
            // What moved the weight further is what people are told.
            return HealthFactor * (winner.Health - second.Health) > Math.Abs(Load(winner) - Load(second))
                ? $"{winner.Name} won: less trouble lately (health {Number(winner.Health)}); next is {second.Name} (health {Number(second.Health)})"
                : $"{winner.Name} won: the {words.Superlative} reserved with this request ({InWords(winner)}); next is {second.Name} ({InWords(second)})";
        }

        var countsAlone = request is { MemoryBytes: 0, NanoCpus: 0 };
        var sameLoad = winner.Health == second.Health
            ? $"as much reserved as {second.Name} ({InWords(winner)})"
            : $"as good as {second.Name} in load and health together ({InWords(winner)}, health {Number(winner.Health)})";
        if (winner.Containers != second.Containers)
        {
            return countsAlone
                ? $"{winner.Name} won: the {words.CountSuperlative} containers ({Number(winner.Containers)}); next is {second.Name} ({Number(second.Containers)})"
                : $"{winner.Name} won: {sameLoad} and {words.CountComparative} containers ({Number(winner.Containers)} against {Number(second.Containers)})";
        }

        var same = countsAlone ? $"as many containers as {second.Name}" : $"{sameLoad} and as many containers";
        return $"{winner.Name} won: {same} ({Number(winner.Containers)}); the tie was broken by the request's seed";
    }

    /// <summary>The sentence when there is nothing to compare with.</summary>
    public static string OnlyOne(in NodeScore winner) => $"{winner.Name} won: it is the only node that fits";

    private static int? Percent(long reserved, long requested, long reservable) =>
        requested == 0 ? null : LoadShare.Of(reserved, reservable).With(requested);

    private static string InWords(in NodeScore score) => (score.MemoryPercent, score.CpuPercent) switch
    {
        ({ } memory, { } cpu) => $"memory {Number(memory)} %, CPU {Number(cpu)} %",
        ({ } memory, null) => $"memory {Number(memory)} %",
        (null, var cpu) => $"CPU {Number(cpu ?? 0)} %",
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How a strategy speaks of what it prefers.</summary>
/// <param name="Superlative">Of load: least or most.</param>
/// <param name="CountSuperlative">Of containers: fewest or most.</param>
/// <param name="CountComparative">Of containers: fewer or more.</param>
internal readonly record struct LoadWords(string Superlative, string CountSuperlative, string CountComparative);
