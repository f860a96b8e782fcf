using System.Runtime.InteropServices;

namespace ControlPlane.Core.Placement;

/// <summary>
/// Who holds which name. We hand a name out once, but engines that were used directly may bring the same name twice: then
/// all of them hold it, and it stays taken until the last one is gone.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, Hold> _holds = new(StringComparer.Ordinal);

    /// <summary>Adds one hold; a key may hold a name more than once.</summary>
    public void Add(string name, string key)
    {
        ref var hold = ref CollectionsMarshal.GetValueRefOrAddDefault(_holds, name, out var taken);
        hold = !taken ? new Hold(key, 1, null)
            : hold.Later is null && string.Equals(hold.First, key, StringComparison.Ordinal) ? hold with { Times = hold.Times + 1 }
            : hold with { Later = [.. hold.Later ?? [], key] };
    }

    /// <summary>Ends the youngest hold of this key, so that a name kept across a change keeps its rank.</summary>
    public void Remove(string name, string key)
    {
        ref var hold = ref CollectionsMarshal.GetValueRefOrNullRef(_holds, name);
        if (hold.Later is { } later && Array.LastIndexOf(later, key) is >= 0 and var at)
        {
            hold = hold with { Later = later.Length == 1 ? null : [.. later[..at], .. later[(at + 1)..]] };
        }
        else if (hold.Times > 1)
        {
            hold = hold with { Times = hold.Times - 1 };
        }
        else if (hold.Later is [var next, .. var rest])
        {
            hold = new Hold(next, 1, rest.Length == 0 ? null : rest);
        }
        else
        {
            _holds.Remove(name);
        }
    }

    /// <summary>All keys that hold the name, the one that has held it longest first.</summary>
    public IReadOnlyList<string> Holders(string name) => _holds.TryGetValue(name, out var hold) ? [hold.First, .. hold.Later ?? []] : [];

    /// <summary>The key that has held the name longest, or null.</summary>
    public string? Find(string name) => _holds.TryGetValue(name, out var hold) ? hold.First : null;

    /// <summary>The first holder that is not this key, or null.</summary>
    public string? FindOther(string name, string key)
    {
        if (!_holds.TryGetValue(name, out var hold))
        {
            return null;
        }

        return string.Equals(hold.First, key, StringComparison.Ordinal)
            ? Array.Find(hold.Later ?? [], holder => !string.Equals(holder, key, StringComparison.Ordinal))
            : hold.First;
    }

    /// <summary>Nearly every name has one holder, for a moment twice (reserved and known): no list for it.</summary>
    /// <param name="First">Has held the name longest.</param>
    /// <param name="Times">How often it does.</param>
    /// <param name="Later">Everybody after it.</param>
    private readonly record struct Hold(string First, int Times, string[]? Later);
}
