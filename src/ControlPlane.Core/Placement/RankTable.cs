using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// What scores are made of, for some nodes in slot order, in columns: any request's key is a few operations over eight nodes at
/// once, the same ones as a strategy's (<see cref="LoadShare"/>). Per block of 64 nodes there are the best values in it, so that
/// whole blocks that cannot win are skipped.
/// </summary>
internal sealed class RankTable
{
    private const int Block = 64;
    private const int Lanes = 8;

    // Far above every real key; what is added to it cannot bring it back.
    private const double Unrankable = 1e18;

    private const double WeightStep = 1 << RankKey.CountBits;

    private int[] _slots = [];
    private double[] _memoryShare = [];
    private double[] _memoryPerByte = [];
    private double[] _cpuShare = [];
    private double[] _cpuPerUnit = [];
    private double[] _low = [];
    private double[] _high = [];

    private double[] _blockMemoryShare = [];
    private double[] _blockMemoryPerByte = [];
    private double[] _blockCpuShare = [];
    private double[] _blockCpuPerUnit = [];
    private double[] _blockLow = [];
    private double[] _blockKeys = [];

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
            var memory = LoadShare.Of(usage.ReservedMemoryBytes, facts.Capacity.ReservableMemoryBytes);
            var cpu = LoadShare.Of(usage.ReservedNanoCpus, facts.Capacity.ReservableNanoCpus);
            Change(_memoryShare, _blockMemoryShare, at, memory.Percent);
            Change(_memoryPerByte, _blockMemoryPerByte, at, memory.PerUnit);
            Change(_cpuShare, _blockCpuShare, at, cpu.Percent);
            Change(_cpuPerUnit, _blockCpuPerUnit, at, cpu.PerUnit);
            Change(_low, _blockLow, at, RankKey.Of(RankOrder.LowestWeight, -10 * facts.Health, usage.ContainerCount));
            _high[at] = RankKey.Of(RankOrder.HighestWeight, 10 * facts.Health, usage.ContainerCount);
        }
        else
        {
            Clear(at);
            Rebound(at / Block, at / Block);
        }
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
            for (var i = 0; i < blocks; i += Lanes)
            {
                query.Keys(_blockMemoryShare, _blockMemoryPerByte, _blockCpuShare, _blockCpuPerUnit, _blockLow, i)
                    .StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(_blockKeys), (nuint)i);
            }
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

    private void ScanRange(in Query query, int from, int to, IRankSink sink, ref double limit)
    {
        Span<double> keys = stackalloc double[Block];
        var rest = query.Low ? _low : _high;
        for (var block = from / Block; block * Block < to; block++)
        {
            if (_blockKeys[block] >= limit)
            {
                continue;
            }

            var begin = block * Block;
            var hits = 0UL;
            var bound = Vector512.Create(limit);
            for (var i = 0; i < Block; i += Lanes)
            {
                var eight = query.Keys(_memoryShare, _memoryPerByte, _cpuShare, _cpuPerUnit, rest, begin + i);
                eight.StoreUnsafe(ref keys[i]);
                hits |= Vector512.LessThan(eight, bound).ExtractMostSignificantBits() << i;
            }

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

    private int Find(int slot) => _slots.AsSpan(0, Count).BinarySearch(slot);

    private void Clear(int at) =>
        _memoryShare[at] = _memoryPerByte[at] = _cpuShare[at] = _cpuPerUnit[at] = _low[at] = _high[at] = Unrankable;

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

        var blocks = Math.Max(Lanes, length / Block);
        Array.Resize(ref _blockMemoryShare, blocks);
        Array.Resize(ref _blockMemoryPerByte, blocks);
        Array.Resize(ref _blockCpuShare, blocks);
        Array.Resize(ref _blockCpuPerUnit, blocks);
        Array.Resize(ref _blockLow, blocks);
        Array.Resize(ref _blockKeys, blocks);
        Rebound(old / Block, (length / Block) - 1);
    }

    /// <summary>Most changes of a node leave most of its columns as they are.</summary>
    private static void Change(double[] column, double[] blocks, int at, double value)
    {
        if (column[at] != value)
        {
            column[at] = value;
            blocks[at / Block] = Least(column, at & ~(Block - 1));
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

    private static double Least(double[] column, int begin)
    {
        ref var data = ref MemoryMarshal.GetArrayDataReference(column);
        var least = Vector512.LoadUnsafe(ref data, (nuint)begin);
        for (var i = Lanes; i < Block; i += Lanes)
        {
            least = Vector512.Min(least, Vector512.LoadUnsafe(ref data, (nuint)(begin + i)));
        }

        var half = Vector256.Min(least.GetLower(), least.GetUpper());
        return Math.Min(Math.Min(half[0], half[1]), Math.Min(half[2], half[3]));
    }

    /// <summary>One scan's figures, ready for eight nodes at a time.</summary>
    private readonly struct Query(in RankScan scan)
    {
        private readonly bool _asksMemory = scan.MemoryBytes > 0;
        private readonly bool _asksCpu = scan.NanoCpus > 0;
        private readonly Vector512<double> _memory = Vector512.Create((double)scan.MemoryBytes);
        private readonly Vector512<double> _cpu = Vector512.Create((double)scan.NanoCpus);

        public bool Low { get; } = scan.Order == RankOrder.LowestWeight;

        /// <summary>The keys of eight nodes, or what no key of eight blocks is below; nodes without room are unrankable.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<double> Keys(
            double[] memoryShare, double[] memoryPerByte, double[] cpuShare, double[] cpuPerUnit, double[] rest, int at)
        {
            var keys = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(rest), (nuint)at);
            var weight = Vector512<double>.Zero;
            var room = Vector512<double>.AllBitsSet;
            Add(_asksMemory, _memory, memoryShare, memoryPerByte, at, ref weight, ref room);
            Add(_asksCpu, _cpu, cpuShare, cpuPerUnit, at, ref weight, ref room);
            var steps = weight * WeightStep;
            return Vector512.ConditionalSelect(room, Low ? keys + steps : keys - steps, Vector512.Create(Unrankable));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(
            bool asks, Vector512<double> amount, double[] share, double[] perUnit, int at, ref Vector512<double> weight, ref Vector512<double> room)
        {
            if (!asks)
            {
                // What is not asked for counts as 100 in every score.
                weight += Vector512.Create(100.0);
                return;
            }

            var percent = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(share), (nuint)at)
                + (amount * Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(perUnit), (nuint)at))
                + Vector512.Create(LoadShare.Rounding);
            room &= Vector512.LessThanOrEqual(percent, Vector512.Create(100 + (2 * LoadShare.Rounding)));
            weight += Vector512.Floor(percent);
        }
    }
}
