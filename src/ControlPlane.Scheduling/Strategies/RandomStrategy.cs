namespace ControlPlane.Scheduling.Strategies;

/// <summary>
/// A draw among the nodes that fit, whatever their load. Each node draws a number from the request's seed and its own id, so
/// the answer is the same each time and does not depend on which other nodes there are or in which slots.
/// </summary>
internal sealed class RandomStrategy : IPlacementStrategy
{
    // FNV-1a with 64 bits: the same on every machine, unlike string.GetHashCode.
    private const ulong HashStart = 0xCBF29CE484222325;
    private const ulong HashPrime = 0x100000001B3;

    public string Name => StrategyNames.Random;

    public RankOrder Order => RankOrder.Other;

    public NodeScore Score(in NodeView node, PlacementRequest request) =>
        LoadScore.Of(node, request) with { Weight = (int)(SlotRing.Mix(SlotRing.Mix(request.Seed) ^ Hash(node.Id.Value)) >> 33) };

    public int Compare(in NodeScore first, in NodeScore second) => first.Weight != second.Weight
        ? first.Weight.CompareTo(second.Weight)
        : string.CompareOrdinal(first.Node.Value, second.Node.Value);

    public string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request) => next is null
        ? LoadScore.OnlyOne(winner)
        : $"{winner.Name} won: drawn at random among the nodes that fit, by the request's seed";

    private static ulong Hash(string text)
    {
        var hash = HashStart;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * HashPrime;
        }

        return hash;
    }
}
