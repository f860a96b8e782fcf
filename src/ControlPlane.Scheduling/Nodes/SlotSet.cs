using System.Buffers;
using System.Numerics;

namespace ControlPlane.Scheduling;

/// <summary>A set of slots of a view as one bit each. Dispose to give its memory back.</summary>
public sealed class SlotSet : IDisposable
{
    private ulong[] _words;

    /// <summary>All slots from 0 to <paramref name="slotCount"/> − 1.</summary>
    /// <param name="slotCount">At least 0.</param>
    public SlotSet(int slotCount)
    {
        WordCount = (slotCount + 63) / 64;
        _words = ArrayPool<ulong>.Shared.Rent(Math.Max(1, WordCount));
        Words.Fill(ulong.MaxValue);
        if (slotCount % 64 != 0)
        {
            Words[^1] = (1UL << (slotCount % 64)) - 1;
        }
    }

    /// <summary>Number of 64-bit words.</summary>
    public int WordCount { get; }

    /// <summary>The bits; slot 0 is the lowest bit of the first word.</summary>
    public Span<ulong> Words => _words.AsSpan(0, WordCount);

    /// <summary>How many slots are in the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in Words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Says whether a slot is in the set.</summary>
    /// <param name="slot">A slot of the view.</param>
    public bool Contains(int slot) => (_words[slot >> 6] & (1UL << slot)) != 0;

    /// <summary>Takes a slot out.</summary>
    /// <param name="slot">A slot of the view.</param>
    public void Remove(int slot) => _words[slot >> 6] &= ~(1UL << slot);

    /// <summary>The first slot of the set from <paramref name="from"/> on, or −1.</summary>
    /// <param name="from">At least 0.</param>
    public int Next(int from)
    {
        var words = Words;
        var index = from >> 6;
        if (index >= words.Length)
        {
            return -1;
        }

        var word = words[index] & (ulong.MaxValue << from);
        while (word == 0)
        {
            if (++index == words.Length)
            {
                return -1;
            }

            word = words[index];
        }

        return (index << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>Keeps only what is in the other set too.</summary>
    /// <param name="other">Words of a set over the same view; missing ones count as empty.</param>
    public void IntersectWith(ReadOnlySpan<ulong> other)
    {
        var words = Words;
        var common = Math.Min(words.Length, other.Length);
        var i = 0;
        for (; i <= common - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(words[i..]) & new Vector<ulong>(other[i..])).CopyTo(words[i..]);
        }

        for (; i < common; i++)
        {
            words[i] &= other[i];
        }

        words[common..].Clear();
    }

    /// <summary>Keeps only what is not in the other set.</summary>
    /// <param name="other">Words of a set over the same view; missing ones count as empty.</param>
    public void ExceptWith(ReadOnlySpan<ulong> other)
    {
        var words = Words;
        for (var i = Math.Min(words.Length, other.Length) - 1; i >= 0; i--)
        {
            words[i] &= ~other[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var words = Interlocked.Exchange(ref _words, []);
        if (words.Length > 0)
        {
            ArrayPool<ulong>.Shared.Return(words);
        }
    }
}
