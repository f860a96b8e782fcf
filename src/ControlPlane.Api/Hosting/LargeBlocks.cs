using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace ControlPlane.Api.Hosting;

/// <summary>
/// Memory of connections in blocks of 32 KiB: Kestrel reads and decrypts a block at a time, and its own of 4 KiB cost streams (tunnels, <c>exec -i</c>, <c>save</c>) most of
/// their speed. Connections without traffic hold none.
/// </summary>
internal sealed class LargeBlocks : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockSize = 32 * 1024;

        // 16 MiB a pool; what is beyond goes to the collector.
        private const int MostKept = 512;

        private readonly ConcurrentBag<byte[]> _free = [];
        private int _kept;

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            if (_free.TryTake(out var block))
            {
                Interlocked.Decrement(ref _kept);
            }
            else
            {
                // Pinned: sockets are given these.
                block = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
            }

            return new Block(this, block);
        }

        protected override void Dispose(bool disposing) => _free.Clear();

        private void Return(byte[] block)
        {
            if (Interlocked.Increment(ref _kept) <= MostKept)
            {
                _free.Add(block);
            }
            else
            {
                Interlocked.Decrement(ref _kept);
            }
        }

        private sealed class Block(Pool pool, byte[] bytes) : IMemoryOwner<byte>
        {
            private byte[]? _bytes = bytes;

            public Memory<byte> Memory => _bytes;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _bytes, null) is { } returned)
                {
                    pool.Return(returned);
                }
            }
        }
    }
}
