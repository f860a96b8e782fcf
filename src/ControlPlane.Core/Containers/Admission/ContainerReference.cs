using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>What one container gets of another.</summary>
internal enum SharedThing
{
    Names,
    Volumes,
    Network,
    Processes,
    Memory,
}

/// <summary>Another container in a spec.</summary>
/// <param name="Field">Where.</param>
/// <param name="Name">Name or id, as written.</param>
/// <param name="Thing">What it is wanted for.</param>
internal sealed record ContainerReference(string Field, string Name, SharedThing Thing)
{
    public static IEnumerable<ContainerReference> Of(ContainerSpec spec)
    {
        var host = spec.HostConfig ?? new HostConfig();
        foreach (var reference in Listed("HostConfig.Links", host.Links, SharedThing.Names).Concat(Listed("HostConfig.VolumesFrom", host.VolumesFrom, SharedThing.Volumes)))
        {
            yield return reference;
        }

        foreach (var (network, endpoint) in spec.NetworkingConfig?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>(0))
        {
            foreach (var reference in Of(FieldErrors.Key("NetworkingConfig.EndpointsConfig", network), endpoint))
            {
                yield return reference;
            }
        }

        foreach (var (field, mode, thing) in ((string, string?, SharedThing)[])
        [
            ("HostConfig.NetworkMode", host.NetworkMode, SharedThing.Network),
            ("HostConfig.PidMode", host.PidMode, SharedThing.Processes),
            ("HostConfig.IpcMode", host.IpcMode, SharedThing.Memory),
        ])
        {
            if (NamespaceReach.IsContainer(mode))
            {
                yield return new ContainerReference(field, mode![NamespaceReach.Container.Length..].TrimStart('/'), thing);
            }
        }
    }

    public static IEnumerable<ContainerReference> Of(string field, EndpointSettings? endpoint) => Listed(field + ".Links", endpoint?.Links, SharedThing.Names);

    private static IEnumerable<ContainerReference> Listed(string field, IReadOnlyList<string>? entries, SharedThing thing) =>
        (entries ?? []).Select((entry, i) => new ContainerReference($"{field}[{i}]", (entry ?? "").Split(':', 2)[0].TrimStart('/'), thing));
}
