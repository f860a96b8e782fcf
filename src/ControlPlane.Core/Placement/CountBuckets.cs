using System.Numerics;

namespace ControlPlane.Core.Placement;

/// <summary>Slots by container count: one bit set per count in use. Moving a slot and finding the next one cost a few instructions.</summary>
internal sealed class CountBuckets
{
    private readonly List<Bucket?> _byCount = [];
    private readonly Stack<Bucket> _spare = [];
    private int _lowest = int.MaxValue;

    public void Add(int count, int slot)
    {
        while (_byCount.Count <= count)
        {
            _byCount.Add(null);
        }

        var bucket = _byCount[count] ??= _spare.TryPop(out var spare) ? spare : new Bucket();
        bucket.Set(slot);
        _lowest = Math.Min(_lowest, count);
    }

    public void Remove(int count, int slot)
    {
        var bucket = _byCount[count]!;
        bucket.Clear(slot);
        if (bucket.Population == 0)
        {
            _byCount[count] = null;
            _spare.Push(bucket);
            _lowest = count == _lowest ? Scan(count + 1) is var next and >= 0 ? next : int.MaxValue : _lowest;
        }
    }

    /// <summary>The smallest count in use from <paramref name="from"/> on, or −1.</summary>
    public int NextCount(int from) => _lowest == int.MaxValue ? -1 : Scan(Math.Max(from, _lowest));

    /// <summary>The first slot of this count from <paramref name="from"/> on, or −1.</summary>
    public int NextSlot(int count, int from) => count < _byCount.Count && _byCount[count] is { } bucket ? bucket.Next(from) : -1;

    private int Scan(int from)
    {
        for (var count = from; count < _byCount.Count; count++)
        {
            if (_byCount[count] is not null)
            {
                return count;
            }
        }

        return -1;
    }

    private sealed class Bucket
    {
        private ulong[] _words = [];

        public int Population { get; private set; }

        public void Set(int slot)
        {
            if (slot / 64 >= _words.Length)
            {
                Array.Resize(ref _words, Math.Max((slot / 64) + 1, _words.Length * 2));
            }

            _words[slot / 64] |= 1UL << (slot % 64);
            Population++;
        }

        public void Clear(int slot)
        {
            _words[slot / 64] &= ~(1UL << (slot % 64));
            Population--;
        }

        public int Next(int from)
        {
            var index = from / 64;
            if (index >= _words.Length)
            {
                return -1;
            }

            var word = _words[index] & (ulong.MaxValue << (from % 64));
            while (word == 0)
            {
                if (++index == _words.Length)
                {
                    return -1;
                }

                word = _words[index];
            }

            return (index * 64) + BitOperations.TrailingZeroCount(word);
        }
    }
}
