namespace ControlPlane.Scheduling;

/// <summary>
/// What constraints can ask of a node besides its id and name: standard facts, labels given on the server and labels of
/// the engine. A standard fact wins over a label of the same key (nobody can forge it), a server's over an engine's.
/// </summary>
public sealed class NodeLabels
{
    /// <summary>Storage driver of the engine, e.g. <c>overlay2</c>.</summary>
    public const string StorageDriver = "storagedriver";

    /// <summary>Kernel release, e.g. <c>6.1.0-18-amd64</c>.</summary>
    public const string KernelVersion = "kernelversion";

    /// <summary>Name of the operating system, e.g. <c>Debian GNU/Linux 12 (bookworm)</c>.</summary>
    public const string OperatingSystem = "operatingsystem";

    /// <summary>Kind of operating system, e.g. <c>linux</c>.</summary>
    public const string OsType = "ostype";

    /// <summary>Architecture as the engine names it, e.g. <c>x86_64</c>.</summary>
    public const string Architecture = "architecture";

    /// <summary>A node without labels and facts.</summary>
    public static readonly NodeLabels None = new(new Dictionary<string, string>(StringComparer.Ordinal));

    private readonly Dictionary<string, string> _values;

    private NodeLabels(Dictionary<string, string> values) => _values = values;

    /// <summary>Merges the three sources; each may be null.</summary>
    /// <param name="standardFacts">Keys are the constants of this class.</param>
    /// <param name="serverLabels">Labels set on the server.</param>
    /// <param name="engineLabels">Labels of the engine (<c>dockerd --label</c>).</param>
    public static NodeLabels From(
        IEnumerable<KeyValuePair<string, string>>? standardFacts,
        IEnumerable<KeyValuePair<string, string>>? serverLabels,
        IEnumerable<KeyValuePair<string, string>>? engineLabels)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in new[] { engineLabels, serverLabels, standardFacts })
        {
            foreach (var (key, value) in source ?? [])
            {
                values[key] = value;
            }
        }

        return new NodeLabels(values);
    }

    /// <summary>Returns the value of a key, or null when the node has no such label.</summary>
    /// <param name="key">Compared ordinally.</param>
    public string? Find(string key) => _values.GetValueOrDefault(key);
}
