namespace ControlPlane.Engine.Containers;

/// <summary>Fields that came with later versions of the Engine API than 1.41: older engines ignore them silently.</summary>
public static class FieldVersions
{
    /// <summary>The newest field that is used, and the API version that has it; null when every engine since API 1.41 knows all of them.</summary>
    public static (string Field, Version Version)? Newest(ContainerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (string Field, Version Version)? newest = null;
        foreach (var used in Used(spec))
        {
            newest = newest is null || used.Version > newest.Value.Version ? used : newest;
        }

        return newest;
    }

    private static IEnumerable<(string Field, Version Version)> Used(ContainerSpec spec)
    {
        if (spec.HostConfig?.Annotations is { Count: > 0 })
        {
            yield return ("HostConfig.Annotations", new Version(1, 43));
        }

        if (spec.Healthcheck?.StartInterval is > 0)
        {
            yield return ("Healthcheck.StartInterval", new Version(1, 44));
        }

        foreach (var mount in spec.HostConfig?.Mounts ?? [])
        {
            if (mount.BindOptions?.CreateMountpoint == true)
            {
                yield return ("HostConfig.Mounts.BindOptions.CreateMountpoint", new Version(1, 42));
            }

            if (mount.BindOptions is { ReadOnlyNonRecursive: true } or { ReadOnlyForceRecursive: true })
            {
                yield return ("HostConfig.Mounts.BindOptions.ReadOnlyNonRecursive", new Version(1, 44));
            }

            if (mount.Type == "cluster")
            {
                yield return ("HostConfig.Mounts.Type cluster", new Version(1, 42));
            }

            if (mount.Type == "image")
            {
                yield return ("HostConfig.Mounts.Type image", new Version(1, 48));
            }
        }

        foreach (var endpoint in spec.NetworkingConfig?.EndpointsConfig?.Values ?? [])
        {
            if (endpoint?.GwPriority is not (null or 0))
            {
                yield return ("NetworkingConfig.EndpointsConfig.GwPriority", new Version(1, 48));
            }
        }
    }
}
