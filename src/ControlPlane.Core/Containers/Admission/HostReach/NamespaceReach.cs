using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Namespaces of the host. Those of other containers are for <see cref="SharedContainers"/>.</summary>
internal static class NamespaceReach
{
    public const string Network = "uses the host's network";
    public const string Container = "container:";

    public static void Add(HostOptionList found, HostConfig host)
    {
        found.AddIf(host.NetworkMode == "host", "HostConfig.NetworkMode", Permission.HostNetwork, Network);
        found.AddIf(!IsOwn(host.PidMode) && !IsContainer(host.PidMode), "HostConfig.PidMode", Permission.HostPid, "sees the host's processes");
        found.AddIf(
            !IsOwn(host.IpcMode) && !IsContainer(host.IpcMode) && host.IpcMode is not ("none" or "shareable"),
            "HostConfig.IpcMode",
            Permission.HostIpc,
            "uses the host's shared memory");
        found.AddIf(!string.IsNullOrEmpty(host.UTSMode), "HostConfig.UTSMode", Permission.HostUts, "uses the host's name");
        found.AddIf(!string.IsNullOrEmpty(host.UsernsMode), "HostConfig.UsernsMode", Permission.HostUserNamespace, "leaves the user namespace");
        found.AddIf(!IsOwn(host.CgroupnsMode), "HostConfig.CgroupnsMode", Permission.HostCgroup, "sees the host's control groups");
        found.AddIf(!string.IsNullOrEmpty(host.Cgroup), "HostConfig.Cgroup", Permission.HostCgroup, "joins a control group");
    }

    public static bool IsContainer(string? mode) => mode?.StartsWith(Container, StringComparison.Ordinal) == true;

    private static bool IsOwn(string? mode) => mode is null or "" or "private";
}
