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
        hold = !taken ? new Hold(key, null) : hold with { Later = [.. hold.Later ?? [], key] };
    }

    /// <summary>Ends the youngest hold of this key, so that a name kept across a change keeps its rank.</summary>
    public void Remove(string name, string key)
    {
        var hold = _holds[name];
        if (hold.Later is null)
        {
            _holds.Remove(name);
            return;
        }

        List<string> keys = [hold.First, .. hold.Later];
        keys.RemoveAt(keys.LastIndexOf(key));
        _holds[name] = new Hold(keys[0], keys.Count == 1 ? null : [.. keys[1..]]);
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
            ? hold.Later?.FirstOrDefault(holder => !string.Equals(holder, key, StringComparison.Ordinal))
            : hold.First;
    }

    /// <summary>Nearly every name has one holder: no list for it.</summary>
    private readonly record struct Hold(string First, string[]? Later);
}
