using ControlPlane.Core.Access;
using ControlPlane.Engine.Images;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>What of a build reaches the host.</summary>
internal static class BuildReach
{
    public static void Add(HostOptionList found, BuildSpec spec)
    {
        // Also the network of another container: a build has no dependencies that would be resolved.
        found.AddIf(spec.NetworkMode is not (null or "" or "default" or "bridge" or "none"), "NetworkMode", Permission.HostNetwork, "builds in a network other than the engine's default");
        found.AddIf(!string.IsNullOrEmpty(spec.Remote), "Remote", Permission.HostNetwork, "lets the engine fetch the context, through the host's network");
        found.Each(spec.ExtraHosts, "ExtraHosts", Permission.HostNetwork, "sends names to addresses of its choice while building");
        found.Each(spec.SecurityOpt, "SecurityOpt", Permission.HostSecurityOptions, SecurityReach.Security, SecurityReach.IsLoosening);
        found.AddIf(!string.IsNullOrEmpty(spec.CgroupParent), "CgroupParent", Permission.HostCgroup, "chooses a control group of the host, past its limits");
        found.Each(spec.Ulimits, "Ulimits", Permission.HostUlimits, "sets a limit of processes, which may be above the host's");
        found.AddIf(spec.Isolation is not (null or "" or "default" or "hyperv"), "Isolation", Permission.HostRuntime, "chooses a weaker isolation");
    }
}
