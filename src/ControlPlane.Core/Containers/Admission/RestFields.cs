namespace ControlPlane.Core.Containers.Admission;

/// <summary>From a field in engine form to the same field in a request of REST.</summary>
internal static class RestFields
{
    // Longer beginnings first.
    private static readonly (string Engine, string InRest)[] Same =
    [
        ("HostConfig.Privileged", "privileged"), ("HostConfig.CapAdd", "capAdd"), ("HostConfig.CapDrop", "capDrop"), ("HostConfig.Ulimits", "ulimits"),
        ("HostConfig.NetworkMode", "networkMode"), ("HostConfig.Links", "links"), ("HostConfig.VolumesFrom", "volumesFrom"),
        ("HostConfig.LogConfig.Type", "logging.driver"), ("HostConfig.LogConfig.Config", "logging.options"),
        ("HostConfig.MemoryReservation", "resources.memoryReservationBytes"), ("HostConfig.Memory", "resources.memoryBytes"),
        ("HostConfig.NanoCpus", "resources.nanoCpus"), ("HostConfig.PidsLimit", "resources.pidsLimit"), ("HostConfig.ReadonlyRootfs", "readOnlyRootfs"),
        ("Image", "image"), ("User", "user"), ("WorkingDir", "workingDir"), ("Labels", "labels"), ("Collection", "collection"), ("Pull", "pull"),
        ("DriverOpts", "driverOptions"), ("Driver", "driver"), ("Options", "options"), ("IPAM.Config", "ranges"), ("EnableIPv6", "enableIpv6"),
    ];

    private static readonly (string Engine, string InRest)[] Mount =
        [(".Source", ".source"), (".Type", ".type"), (".VolumeOptions.DriverConfig.Options", ".volumeOptions.driverOptions"), (".VolumeOptions.Labels", ".volumeOptions.labels")];

    /// <summary>Null when REST has no such field.</summary>
    public static string? Of(string field)
    {
        if (Below(field, "HostConfig.Mounts") is { } mount)
        {
            var end = mount.IndexOf(']', StringComparison.Ordinal) + 1;
            var (engine, rest) = Mount.FirstOrDefault(pair => Below(mount[end..], pair.Engine) is not null);
            return "mounts" + mount[..end] + (engine is null ? "" : rest + mount[(end + engine.Length)..]);
        }

        // Entries of a list there, of a map here: the order is lost.
        if (Below(field, "HostConfig.PortBindings") is not null)
        {
            return "ports";
        }

        if (Below(field, "NetworkingConfig.EndpointsConfig") is not null)
        {
            return "networks";
        }

        foreach (var (engine, rest) in Same)
        {
            if (Below(field, engine) is { } tail)
            {
                return rest + tail;
            }
        }

        return null;
    }

    /// <summary>The rest behind a name; null when the field is another one.</summary>
    private static string? Below(string field, string name) =>
        field.StartsWith(name, StringComparison.Ordinal) && (field.Length == name.Length || field[name.Length] is '[' or '.') ? field[name.Length..] : null;
}
