using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Privileges, capabilities, security systems, kernel parameters, runtime.</summary>
internal static class SecurityReach
{
    public const string Security = "changes or turns off a security system (seccomp, AppArmor, SELinux, no-new-privileges)";

    public static void Add(HostOptionList found, HostConfig host)
    {
        found.AddIf(host.Privileged == true, "HostConfig.Privileged", Permission.HostPrivileged, "gives all devices and capabilities of the host");
        const string Capability = "adds a kernel capability";
        found.Each(host.CapAdd, "HostConfig.CapAdd", Permission.HostCapabilities, Capability);
        found.Each(host.Capabilities, "HostConfig.Capabilities", Permission.HostCapabilities, Capability);
        found.Each(host.SecurityOpt, "HostConfig.SecurityOpt", Permission.HostSecurityOptions, Security, IsLoosening);

        // Also a list that is longer than the engine's: what its own is only the engine knows.
        found.AddIf(host.MaskedPaths is not null, "HostConfig.MaskedPaths", Permission.HostSecurityOptions, "replaces the list of paths in /proc and /sys that are hidden");
        found.AddIf(host.ReadonlyPaths is not null, "HostConfig.ReadonlyPaths", Permission.HostSecurityOptions, "replaces the list of paths in /proc and /sys that are read-only");
        found.Each(host.Sysctls, "HostConfig.Sysctls", Permission.HostSysctls, "sets a kernel parameter");
        found.Each(host.GroupAdd, "HostConfig.GroupAdd", Permission.HostGroups, "adds a group, which counts on the host's files, too");
        found.AddIf(!string.IsNullOrEmpty(host.Runtime), "HostConfig.Runtime", Permission.HostRuntime, "chooses the runtime, which confines");
        found.Each(host.Annotations, "HostConfig.Annotations", Permission.HostRuntime, "tells the runtime to do something");
        found.AddIf(host.Isolation is not (null or "" or "default" or "hyperv"), "HostConfig.Isolation", Permission.HostRuntime, "chooses a weaker isolation");
    }

    /// <summary>A working directory in /proc was a way out of runc (CVE-2024-21626).</summary>
    public static void WorkingDirectory(HostOptionList found, string? directory) => found.AddIf(
        directory is not null && FirstDirectory(directory) == "proc",
        "WorkingDir",
        Permission.HostSecurityOptions,
        "is in /proc, from where open files of the runtime can be reached");

    internal static bool IsLoosening(string? option) =>
        option is not ("no-new-privileges" or "no-new-privileges:true" or "no-new-privileges=true");

    private static string? FirstDirectory(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part != "..")
            {
                parts.AddRange(part == "." ? [] : [part]);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return parts.Count > 0 ? parts[0] : null;
    }
}
