using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// What scores are made of, for some nodes in slot order, in columns: a lower bound of any request's score comes from a few
/// multiplications over eight nodes at once. Per block of 64 nodes there are the best values in it, so that whole blocks that
/// cannot win are skipped. Bounds may promise a little too much, never too little: the one who is offered a slot judges exactly.
/// </summary>
internal sealed class RankTable
{
    private const int Block = 64;

    // Shares are in percent up to some hundreds; single precision is right to about 1/10,000 there.
    private const float Slack = 0.001f;

    // Above every real key, and far enough below the largest integer that nothing added to it wraps around.
    private const int Unrankable = 0x7000_0000;

    private const float NeverFits = 1e9f;

    private int[] _slots = [];
    private float[] _memoryShare = [];
    private float[] _memoryPerByte = [];
    private float[] _cpuShare = [];
    private float[] _cpuPerUnit = [];
    private int[] _low = [];
    private int[] _high = [];

    private float[] _blockMemoryShare = [];
    private float[] _blockMemoryPerByte = [];
    private float[] _blockCpuShare = [];
    private float[] _blockCpuPerUnit = [];
    private int[] _blockLow = [];
    private int[] _blockKeys = [];

    public int Count { get; private set; }

    /// <summary>Adds a slot; it cannot be chosen before it is set.</summary>
    public void Insert(int slot)
    {
        var at = ~Find(slot);
        if (Count == _slots.Length)
        {
            Grow();
        }

        Shift(at, at + 1, Count - at);
        Count++;
        _slots[at] = slot;
        Clear(at);
        Rebound(at / Block, (Count - 1) / Block);
    }

    public void Remove(int slot)
    {
        var at = Find(slot);
        Shift(at + 1, at, Count - at - 1);
        Count--;
        _slots[Count] = int.MaxValue;
        Clear(Count);
        Rebound(at / Block, Count / Block);
    }

    /// <summary>Takes over what a node is and has now.</summary>
    public void Set(int slot, NodeFacts? facts, NodeUsage usage)
    {
        var at = Find(slot);
        if (facts is { State: Scheduling.NodeState.Ready, Availability: Scheduling.NodeAvailability.Active })
        {
            var capacity = facts.Capacity;
            (_memoryShare[at], _memoryPerByte[at]) = Share(usage.ReservedMemoryBytes, capacity.ReservableMemoryBytes);
            (_cpuShare[at], _cpuPerUnit[at]) = Share(usage.ReservedNanoCpus, capacity.ReservableNanoCpus);
            var health = 10 * facts.Health;
            var count = Math.Min(usage.ContainerCount, RankKey.MaxCount);
            _low[at] = RankKey.Of(RankOrder.LowestWeight, -health, count);
            _high[at] = RankKey.Of(RankOrder.HighestWeight, health, count);
        }
        else
        {
            Clear(at);
        }

        Rebound(at / Block, at / Block);
    }

    /// <summary>Offers, in ring order, what could still be better than the sink's limit.</summary>
    public void Scan(in RankScan scan, IRankSink sink)
    {
        if (Count == 0)
        {
            return;
        }

        var query = new Query(scan);
        var blocks = (Count + Block - 1) / Block;
        if (query.Low)
        {
            BoundBlocks(query, blocks);
        }
        else
        {
            // Packing looks at every block: what it wants is at the other end of every column.
            _blockKeys.AsSpan(0, blocks).Clear();
        }

        var found = Find(scan.Start);
        var first = found >= 0 ? found : ~found;
        var limit = Unrankable;
        ScanRange(query, first, Count, sink, ref limit);
        ScanRange(query, 0, first, sink, ref limit);
    }

    private static (float Share, float PerUnit) Share(long reserved, long reservable)
    {
        var total = (double)Math.Max(1, reservable);
        return ((float)(reserved * 100 / total), (float)(100 / total));
    }

    private void ScanRange(in Query query, int from, int to, IRankSink sink, ref int limit)
    {
        Span<int> keys = stackalloc int[Block];
        for (var block = from / Block; block * Block < to; block++)
        {
            if (_blockKeys[block] >= limit)
            {
                continue;
            }

            var begin = block * Block;
            var hits = BoundNodes(query, begin, limit, keys);
            hits &= begin < from ? ulong.MaxValue << (from - begin) : ulong.MaxValue;
            hits &= to - begin < Block ? (1UL << (to - begin)) - 1 : ulong.MaxValue;
            for (; hits != 0; hits &= hits - 1)
            {
                var lane = BitOperations.TrailingZeroCount(hits);
                if (keys[lane] < limit)
                {
                    limit = Math.Min(Unrankable, sink.Offer(_slots[begin + lane]));
                }
            }
        }
    }

    private void BoundBlocks(in Query query, int blocks)
    {
        for (var i = 0; i < blocks; i += Vector256<int>.Count)
        {
            var (keys, fits) = query.Bound(_blockMemoryShare, _blockMemoryPerByte, _blockCpuShare, _blockCpuPerUnit, _blockLow, i);
            Vector256.ConditionalSelect(fits, keys, Vector256.Create(Unrankable)).StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(_blockKeys), (nuint)i);
        }
    }

    private ulong BoundNodes(in Query query, int begin, int limit, Span<int> keys)
    {
        var hits = 0UL;
        var bound = Vector256.Create(limit);
        var rest = query.Low ? _low : _high;
        for (var i = 0; i < Block; i += Vector256<int>.Count)
        {
            var (key, fits) = query.Bound(_memoryShare, _memoryPerByte, _cpuShare, _cpuPerUnit, rest, begin + i);
            key.StoreUnsafe(ref keys[i]);
            hits |= (ulong)(Vector256.LessThan(key, bound) & fits).ExtractMostSignificantBits() << i;
        }

        return hits;
    }

    private int Find(int slot) => _slots.AsSpan(0, Count).BinarySearch(slot);

    private void Clear(int at)
    {
        _memoryShare[at] = _memoryPerByte[at] = _cpuShare[at] = _cpuPerUnit[at] = NeverFits;
        _low[at] = _high[at] = Unrankable;
    }

    private void Shift(int from, int to, int count)
    {
        Array.Copy(_slots, from, _slots, to, count);
        Array.Copy(_memoryShare, from, _memoryShare, to, count);
        Array.Copy(_memoryPerByte, from, _memoryPerByte, to, count);
        Array.Copy(_cpuShare, from, _cpuShare, to, count);
        Array.Copy(_cpuPerUnit, from, _cpuPerUnit, to, count);
        Array.Copy(_low, from, _low, to, count);
        Array.Copy(_high, from, _high, to, count);
    }

    /// <summary>Lengths stay multiples of a block, what is beyond the count can never win: loops need no remainders.</summary>
    private void Grow()
    {
        var old = _slots.Length;
        var length = Math.Max(Block, old * 2);
        Array.Resize(ref _slots, length);
        Array.Resize(ref _memoryShare, length);
        Array.Resize(ref _memoryPerByte, length);
        Array.Resize(ref _cpuShare, length);
        Array.Resize(ref _cpuPerUnit, length);
        Array.Resize(ref _low, length);
        Array.Resize(ref _high, length);
        for (var i = old; i < length; i++)
        {
            _slots[i] = int.MaxValue;
            Clear(i);
        }

        var blocks = Math.Max(Vector256<int>.Count, length / Block);
        var before = _blockLow.Length;
        Array.Resize(ref _blockMemoryShare, blocks);
        Array.Resize(ref _blockMemoryPerByte, blocks);
        Array.Resize(ref _blockCpuShare, blocks);
        Array.Resize(ref _blockCpuPerUnit, blocks);
        Array.Resize(ref _blockLow, blocks);
        Array.Resize(ref _blockKeys, blocks);
        for (var i = before; i < blocks; i++)
        {
            _blockMemoryShare[i] = _blockMemoryPerByte[i] = _blockCpuShare[i] = _blockCpuPerUnit[i] = NeverFits;
            _blockLow[i] = Unrankable;
        }
    }

    private void Rebound(int firstBlock, int lastBlock)
    {
        for (var block = firstBlock; block <= lastBlock && block * Block < _slots.Length; block++)
        {
            var begin = block * Block;
            _blockMemoryShare[block] = Least(_memoryShare, begin);
            _blockMemoryPerByte[block] = Least(_memoryPerByte, begin);
            _blockCpuShare[block] = Least(_cpuShare, begin);
            _blockCpuPerUnit[block] = Least(_cpuPerUnit, begin);
            _blockLow[block] = Least(_low, begin);
        }
    }

    private static T Least<T>(T[] column, int begin)
        where T : struct, INumber<T>
    {
        ref var data = ref MemoryMarshal.GetArrayDataReference(column);
        var least = Vector256.LoadUnsafe(ref data, (nuint)begin);
        for (var i = Vector256<T>.Count; i < Block; i += Vector256<T>.Count)
        {
            least = Vector256.Min(least, Vector256.LoadUnsafe(ref data, (nuint)(begin + i)));
        }

        var result = least[0];
        for (var i = 1; i < Vector256<T>.Count; i++)
        {
            result = T.Min(result, least[i]);
        }

        return result;
    }

    /// <summary>One scan's figures, ready for eight nodes at a time.</summary>
    private readonly struct Query(in RankScan scan)
    {
        private readonly bool _asksMemory = scan.MemoryBytes > 0;
        private readonly bool _asksCpu = scan.NanoCpus > 0;
        private readonly Vector256<float> _memory = Vector256.Create((float)scan.MemoryBytes);
        private readonly Vector256<float> _cpu = Vector256.Create((float)scan.NanoCpus);

        public bool Low { get; } = scan.Order == RankOrder.LowestWeight;

        public (Vector256<int> Keys, Vector256<int> Fits) Bound(
            float[] memoryShare, float[] memoryPerByte, float[] cpuShare, float[] cpuPerUnit, int[] rest, int at)
        {
            var fits = Vector256<int>.AllBitsSet;
            var steps = Part(_asksMemory, _memory, memoryShare, memoryPerByte, at, ref fits) + Part(_asksCpu, _cpu, cpuShare, cpuPerUnit, at, ref fits);
            var shifted = steps << RankKey.CountBits;
            var others = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(rest), (nuint)at);
            return (Low ? others + shifted : others - shifted, fits);
        }

        private Vector256<int> Part(bool asks, Vector256<float> amount, float[] share, float[] perUnit, int at, ref Vector256<int> fits)
        {
            if (!asks)
            {
                // What is not asked for counts as 100 in every score.
                return Vector256.Create(100);
            }

            var percent = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(share), (nuint)at)
                + (amount * Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(perUnit), (nuint)at));
            fits &= Vector256.LessThanOrEqual(percent, Vector256.Create(100 + Slack)).AsInt32();
            var bound = Vector256.Floor(percent + Vector256.Create(Low ? -Slack : Slack));
            return Vector256.ConvertToInt32Native(Vector256.Max(Vector256<float>.Zero, bound));
        }
    }
}
