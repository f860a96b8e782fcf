namespace ControlPlane.Scheduling;

/// <summary>The best few scores seen so far; of equal ones the earlier stays ahead.</summary>
internal sealed class Shortlist(Ranking ranking)
{
    /// <summary>The winner and three more: what a person wants to compare it with.</summary>
    public const int Size = 4;

    private readonly NodeScore[] _best = new NodeScore[Size];

    public int Count { get; private set; }

    public NodeScore Winner => _best[0];

    /// <summary>All of them, best first; what is beyond the count is empty.</summary>
    public NodeScore[] Best => _best;

    /// <summary>A slot whose key is not below this cannot get on the list any more.</summary>
    public int Limit { get; private set; } = RankKey.None;

    public void Offer(in NodeScore score)
    {
        var place = Count;
        while (place > 0 && ranking.Compare(score, _best[place - 1]) < 0)
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
        if (Count == Size && ranking.Order != RankOrder.Other)
        {
            Limit = RankKey.Of(ranking.Order, _best[^1].Weight, _best[^1].Containers);
        }
    }
}
