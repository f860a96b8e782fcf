namespace ControlPlane.Core.Placement;

/// <summary>
/// Who holds which name. We hand a name out once, but engines that were used directly may bring the same name twice: then
/// all of them hold it, and it stays taken until the last one is gone.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, List<string>> _holders = new(StringComparer.Ordinal);

    /// <summary>Adds one hold; a key may hold a name more than once.</summary>
    public void Add(string name, string key)
    {
        if (!_holders.TryGetValue(name, out var holders))
        {
            _holders[name] = holders = new List<string>(1);
        }

        holders.Add(key);
    }

    /// <summary>Ends the youngest hold of this key, so that a name kept across a change keeps its rank.</summary>
    public void Remove(string name, string key)
    {
        var holders = _holders[name];
        holders.RemoveAt(holders.LastIndexOf(key));
        if (holders.Count == 0)
        {
            _holders.Remove(name);
        }
    }

    /// <summary>All keys that hold the name.</summary>
    public IReadOnlyList<string> Holders(string name) => _holders.TryGetValue(name, out var holders) ? holders : [];

    /// <summary>The key that has held the name longest, or null.</summary>
    public string? Find(string name) => _holders.TryGetValue(name, out var holders) ? holders[0] : null;

    /// <summary>The first holder that is not this key, or null.</summary>
    public string? FindOther(string name, string key) =>
        _holders.TryGetValue(name, out var holders) ? holders.Find(holder => !string.Equals(holder, key, StringComparison.Ordinal)) : null;
}
