namespace ControlPlane.Scheduling;

/// <summary>The best few scores seen so far; of equal ones the earlier stays ahead.</summary>
internal sealed class Shortlist(IPlacementStrategy strategy)
{
    /// <summary>The winner and three more: what a person wants to compare it with.</summary>
    public const int Size = 4;

    private readonly NodeScore[] _best = new NodeScore[Size];

    public int Count { get; private set; }

    public NodeScore Winner => _best[0];

    public IReadOnlyList<NodeScore> Next => _best[1..Math.Max(1, Count)];

    public void Offer(in NodeScore score)
    {
        var place = Count;
        while (place > 0 && strategy.Compare(score, _best[place - 1]) < 0)
        {
            place--;
        }

        if (place == Size)
        {
            return;
        }

        Count = Math.Min(Count + 1, Size);
        Array.Copy(_best, place, _best, place + 1, Count - place - 1);
        _best[place] = score;
    }
}
