using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>
/// Every option of an engine form that reaches the host or leaves the confinement of a container. What is not known to be harmless counts
/// as reaching: values are compared with what is harmless, never with what is harmful. A test walks over all properties of these forms and
/// fails when one is classified by nobody.
/// </summary>
public static class HostOptions
{
    public static IReadOnlyList<HostOption> Of(ContainerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        SecurityReach.WorkingDirectory(found, spec.WorkingDir);
        if (spec.HostConfig is { } host)
        {
            SecurityReach.Add(found, host);
            NamespaceReach.Add(found, host);
            MountReach.Add(found, host);
            ResourceReach.Add(found, "HostConfig.", host);
            ResourceReach.Add(found, host);
            PortReach.Add(found, host.PortBindings);
            LogReach.Add(found, host.LogConfig);
        }

        foreach (var (network, endpoint) in spec.NetworkingConfig?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>(0))
        {
            var field = FieldErrors.Key("NetworkingConfig.EndpointsConfig", network);
            found.AddIf(network == "host", field, Access.Permission.HostNetwork, NamespaceReach.Network);
            NetworkReach.Add(found, field, endpoint);
        }

        return found.Options;
    }

    public static IReadOnlyList<HostOption> Of(UpdateSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        ResourceReach.Add(found, "", spec);
        return found.Options;
    }

    /// <param name="spec">The command.</param>
    /// <param name="ownUser">The user the container was made with; null or empty = its image's, which counts as root.</param>
    public static IReadOnlyList<HostOption> Of(ExecSpec spec, string? ownUser)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        found.AddIf(spec.Privileged == true, "Privileged", Access.Permission.HostExecAsRoot, "gives the command all capabilities");
        var user = string.IsNullOrEmpty(spec.User) ? ownUser : spec.User;
        found.AddIf(
            ContainerUser.IsRoot(user),
            "User",
            Access.Permission.HostExecAsRoot,
            string.IsNullOrEmpty(spec.User) ? "is left out, so the command runs as the container's own user, which is root or not known; name another user" : "runs the command as root");
        SecurityReach.WorkingDirectory(found, spec.WorkingDir);
        return found.Options;
    }

    public static IReadOnlyList<HostOption> Of(BuildSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        BuildReach.Add(found, spec);
        return found.Options;
    }

    public static IReadOnlyList<HostOption> Of(VolumeSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        VolumeDriverReach.Add(found, "DriverOpts", spec.Driver, spec.DriverOpts);
        return found.Options;
    }

    public static IReadOnlyList<HostOption> Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        NetworkReach.Add(found, spec);
        return found.Options;
    }

    public static IReadOnlyList<HostOption> Of(NetworkConnectSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new HostOptionList();
        NetworkReach.Add(found, "EndpointConfig", spec.EndpointConfig);
        return found.Options;
    }
}
