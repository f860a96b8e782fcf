using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.Policies;

/// <summary>Which capabilities a container's processes get, by the engine's rules and its defaults.</summary>
internal static class EffectiveCapabilities
{
    private const string Prefix = "CAP_";
    private const string All = "ALL";

    private static readonly HashSet<string> Default = new(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    public static string Normal(string? name)
    {
        var upper = (name ?? "").Trim().ToUpperInvariant();
        return upper.StartsWith(Prefix, StringComparison.Ordinal) ? upper[Prefix.Length..] : upper;
    }

    /// <summary>The field that gives it: an entry of CapAdd, Privileged, or CapDrop where dropping it is missing. Null when the container does not get it.</summary>
    public static string? Source(HostConfig? host, string capability)
    {
        if (host?.Privileged == true)
        {
            return "HostConfig.Privileged";
        }

        var drop = (host?.CapDrop ?? []).Select(Normal).ToHashSet(StringComparer.Ordinal);
        var add = (host?.CapAdd ?? []).Select(Normal).ToList();
        if (host?.Capabilities is { Count: > 0 } whole && whole.Select(Normal).Contains(capability, StringComparer.Ordinal))
        {
            return "HostConfig.Capabilities";
        }

        // Added by name counts although all are dropped; added by ALL does not count when it is dropped by name.
        if (add.IndexOf(capability) is >= 0 and var named)
        {
            return $"HostConfig.CapAdd[{named}]";
        }

        if (drop.Contains(capability))
        {
            return null;
        }

        return add.IndexOf(All) is >= 0 and var all ? $"HostConfig.CapAdd[{all}]"
            : !drop.Contains(All) && Default.Contains(capability) ? "HostConfig.CapDrop"
            : null;
    }
}
