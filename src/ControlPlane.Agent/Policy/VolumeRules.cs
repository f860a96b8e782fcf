namespace ControlPlane.Agent.Policy;

/// <summary>
/// The owner's rule about bind mounts against the options of a volume. The local driver hands <c>type</c>, <c>o</c> and <c>device</c> to
/// mount(2); of other drivers nobody here knows what an absolute path means, so it counts as one of the host.
/// </summary>
internal sealed class VolumeRules(PolicyRules rules)
{
    private static readonly string[] Local = ["type", "o", "device", "size"];
    private static readonly string[] Remote = ["nfs", "nfs4", "cifs"];

    public string? Check(string? driver, IEnumerable<KeyValuePair<string, string>>? options)
    {
        if (rules.BindMountsBelow is null || options is null)
        {
            return null;
        }

        var given = options.ToList();
        var isLocal = driver is null or "" or "local";
        if (isLocal && given.Find(option => !Local.Contains(option.Key, StringComparer.Ordinal)).Key is { } unknown)
        {
            return $"The policy of this host forbids the volume option '{unknown}'.";
        }

        return isLocal
            ? CheckLocal(Value(given, "type"), Value(given, "device"), Value(given, "o").Split(',', StringSplitOptions.TrimEntries))
            : given.Select(option => option.Value).FirstOrDefault(value => value.StartsWith('/') && !IsAllowed(value)) is { } path ? Refusal(path) : null;
    }

    public bool IsAllowed(string path)
    {
        if (!path.StartsWith('/'))
        {
            return false;
        }

        var full = Path.GetFullPath(path).TrimEnd('/');
        return rules.BindMountsBelow!.Select(allowed => Path.GetFullPath(allowed).TrimEnd('/'))
            .Any(allowed => full == allowed || full.StartsWith(allowed + "/", StringComparison.Ordinal));
    }

    public string Refusal(string source) => rules.BindMountsBelow is []
        ? $"The policy of this host forbids bind mounts ('{source}')."
        : $"The policy of this host allows bind mounts only below {string.Join(", ", rules.BindMountsBelow!)}, not '{source}'.";

    private string? CheckLocal(string type, string device, string[] flags)
    {
        // mount(2) forgets the type of a bind, and what is not absolute is looked up where the engine stands.
        var binds = flags.Contains("bind", StringComparer.Ordinal) || flags.Contains("rbind", StringComparer.Ordinal);
        if (!binds && type == "tmpfs")
        {
            return null;
        }

        if (!binds && Remote.Contains(type, StringComparer.Ordinal) && (!device.StartsWith('/') || device.StartsWith("//", StringComparison.Ordinal)))
        {
            return null;
        }

        // Layers of an overlay are paths of the host, too.
        if (flags.FirstOrDefault(flag => flag.Contains("dir=", StringComparison.Ordinal)) is { } layer)
        {
            return Refusal(layer);
        }

        return (device.Length > 0 || binds) && !IsAllowed(device) ? Refusal(device) : null;
    }

    private static string Value(List<KeyValuePair<string, string>> options, string name) =>
        options.Find(option => string.Equals(option.Key, name, StringComparison.Ordinal)).Value ?? "";
}
