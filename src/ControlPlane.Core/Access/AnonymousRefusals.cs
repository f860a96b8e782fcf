using System.Runtime.InteropServices;

namespace ControlPlane.Core.Access;

/// <summary>Counts refusals of callers without credentials, until the write-behind duty takes them: one entry a minute, address and permission.</summary>
public sealed class AnonymousRefusals
{
    /// <summary>Bounded: an outsider chooses the addresses. Those past it are counted together.</summary>
    internal const int MaxKinds = 1000;

    private const string Many = "many";

    private readonly Lock _sync = new();
    private Dictionary<(string Address, string Permission), int> _counts = [];

    public void Count(Caller caller, string permission)
    {
        ArgumentNullException.ThrowIfNull(caller);
        lock (_sync)
        {
            Add(caller.RemoteAddress ?? "", permission, 1);
        }
    }

    /// <summary>Takes what has been counted since the last call.</summary>
    public IReadOnlyList<(string Address, string Permission, int Count)> Take()
    {
        Dictionary<(string Address, string Permission), int> taken;
        lock (_sync)
        {
            (taken, _counts) = (_counts, []);
        }

        return [.. taken.Select(pair => (pair.Key.Address, pair.Key.Permission, pair.Value))];
    }

    /// <summary>They could not be written: they are counted again, to be taken another time.</summary>
    internal void GiveBack(IEnumerable<(string Address, string Permission, int Count)> taken)
    {
        lock (_sync)
        {
            foreach (var (address, permission, count) in taken)
            {
                Add(address, permission, count);
            }
        }
    }

    private void Add(string address, string permission, int count)
    {
        var kind = (address, permission);
        if (_counts.Count >= MaxKinds && !_counts.ContainsKey(kind))
        {
            // Permissions are ours: these are few.
            kind = (Many, permission);
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_counts, kind, out _) += count;
    }
}
