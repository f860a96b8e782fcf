using System.Numerics;

namespace ControlPlane.Core.Placement;

/// <summary>A growing set of slots, one bit each.</summary>
internal sealed class SlotBits
{
    private ulong[] _words = [];

    public ReadOnlySpan<ulong> Words => _words;

    public int Population { get; private set; }

    /// <summary>Puts a slot in or takes it out.</summary>
    public void Set(int slot, bool value)
    {
        var (word, bit) = (slot >> 6, 1UL << slot);
        if (word >= _words.Length)
        {
            if (!value)
            {
                return;
            }

            Array.Resize(ref _words, (int)BitOperations.RoundUpToPowerOf2((uint)word + 1));
        }

        if ((_words[word] & bit) != 0 != value)
        {
            _words[word] ^= bit;
            Population += value ? 1 : -1;
        }
    }
}
