using ControlPlane.Engine.Containers;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>What a container's node has to hold already, as far as the engine form says so; what exists where is asked at placement.</summary>
internal static class SpecDependencies
{
    private const string Container = "container:";

    /// <summary>Networks that every engine has, by the names of network modes.</summary>
    public static bool IsBuiltIn(string network) => network is "" or "default" or "bridge" or "host" or "none";

    /// <summary>Reads them out, each once.</summary>
    /// <param name="spec">The engine form.</param>
    /// <param name="furtherNetworks">Networks that are connected after the create.</param>
    public static IReadOnlyList<Dependency> Of(ContainerSpec spec, IEnumerable<string> furtherNetworks)
    {
        if (spec.HostConfig is not { } host)
        {
            return [];
        }

        var found = new List<Dependency>();
        foreach (var link in host.Links ?? [])
        {
            Add(found, DependencyKind.Link, link.Split(':', 2)[0]);
        }

        foreach (var from in host.VolumesFrom ?? [])
        {
            Add(found, DependencyKind.VolumesFrom, from.Split(':', 2)[0]);
        }

        foreach (var shared in (ReadOnlySpan<string?>)[host.NetworkMode, host.PidMode, host.IpcMode])
        {
            if (shared?.StartsWith(Container, StringComparison.Ordinal) == true)
            {
                Add(found, DependencyKind.Namespace, shared[Container.Length..]);
            }
        }

        foreach (var volume in Volumes(host))
        {
            Add(found, DependencyKind.Volume, volume);
        }

        string[] mode = host.NetworkMode is { } network && !network.StartsWith(Container, StringComparison.Ordinal) ? [network] : [];
        foreach (var name in mode.Concat(spec.NetworkingConfig?.EndpointsConfig?.Keys ?? []).Concat(furtherNetworks).Where(name => !IsBuiltIn(name)))
        {
            Add(found, DependencyKind.Network, name);
        }

        return found;
    }

    /// <summary>The engine form with another name for a container it depends on: engines do not know the cluster's ids.</summary>
    public static ContainerSpec Renamed(ContainerSpec spec, string from, string to)
    {
        if (spec.HostConfig is not { } host)
        {
            return spec;
        }

        return spec with
        {
            HostConfig = host with
            {
                Links = host.Links?.Select(link => Head(link, from, to)).ToList(),
                VolumesFrom = host.VolumesFrom?.Select(volume => Head(volume, from, to)).ToList(),
                NetworkMode = Mode(host.NetworkMode, from, to),
                PidMode = Mode(host.PidMode, from, to),
                IpcMode = Mode(host.IpcMode, from, to),
            },
        };
    }

    private static IEnumerable<string> Volumes(HostConfig host)
    {
        foreach (var mount in host.Mounts ?? [])
        {
            if (mount is { Type: "volume", Source.Length: > 0 } && mount.VolumeOptions?.DriverConfig?.Name is null or "" or "local")
            {
                yield return mount.Source!;
            }
        }

        foreach (var bind in host.VolumeDriver is null or "" or "local" ? host.Binds ?? [] : [])
        {
            var parts = bind.Split(':');
            if (parts.Length > 1 && parts[0].Length > 0 && parts[0][0] is not ('/' or '.'))
            {
                yield return parts[0];
            }
        }
    }

    private static void Add(List<Dependency> found, DependencyKind kind, string name)
    {
        var dependency = new Dependency(kind, name.TrimStart('/'));
        if (dependency.Name.Length > 0 && !found.Contains(dependency))
        {
            found.Add(dependency);
        }
    }

    private static string Head(string text, string from, string to) =>
        text == from ? to : text.StartsWith(from + ":", StringComparison.Ordinal) ? to + text[from.Length..] : text;

    private static string? Mode(string? mode, string from, string to) => mode == Container + from ? Container + to : mode;
}
