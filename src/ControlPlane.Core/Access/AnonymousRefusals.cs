using System.Collections.Concurrent;

namespace ControlPlane.Core.Access;

/// <summary>Counts refusals of callers without credentials, until the write-behind duty takes them.</summary>
public sealed class AnonymousRefusals
{
    // Bounded: an outsider chooses the addresses.
    private const int MaxKinds = 1000;

    private readonly ConcurrentDictionary<(string Address, string Permission), int> _counts = new();

    public void Count(Caller caller, string permission)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var address = _counts.Count < MaxKinds ? caller.RemoteAddress ?? "" : "many";
        _counts.AddOrUpdate((address, permission), 1, (_, n) => n + 1);
    }

    /// <summary>Takes what has been counted since the last call.</summary>
    public IReadOnlyList<(string Address, string Permission, int Count)> Take()
    {
        var taken = new List<(string, string, int)>();
        foreach (var key in _counts.Keys)
        {
            if (_counts.TryRemove(key, out var count))
            {
                taken.Add((key.Address, key.Permission, count));
            }
        }

        return taken;
    }
}
