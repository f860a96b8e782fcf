using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Directories of the host, in every way there is to say them.</summary>
internal static class MountReach
{
    private const string Path = "mounts a path of the host";
    private const string EngineSocket = "hands over the engine, and with it the host";
    private const string Propagation = "lets mounts pass between host and container";

    public static void Add(HostOptionList found, HostConfig host)
    {
        for (var i = 0; i < (host.Binds?.Count ?? 0); i++)
        {
            Bind(found, $"HostConfig.Binds[{i}]", host.Binds![i]);
        }

        for (var i = 0; i < (host.Mounts?.Count ?? 0); i++)
        {
            Mount(found, $"HostConfig.Mounts[{i}]", host.Mounts![i]);
        }

        found.AddIf(
            host.VolumeDriver is not (null or "" or "local"),
            "HostConfig.VolumeDriver",
            Permission.HostMounts,
            "leaves it to a volume plugin what of the host is mounted");
    }

    /// <summary>A name the engine takes for a volume; everything else in its place is a path, on whatever system.</summary>
    public static bool IsVolumeName(string? name) =>
        name is { Length: >= 2 and <= 255 } && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>The volume of an entry of Binds; null for a path and for an anonymous volume.</summary>
    public static string? VolumeOf(string? bind) =>
        bind?.Split(':') is [var source, _, ..] && IsVolumeName(source) ? source : null;

    private static void Bind(HostOptionList found, string field, string? bind)
    {
        var parts = bind?.Split(':') ?? [""];
        // One path alone is an anonymous volume at that path.
        var isAnonymous = parts.Length == 1 && parts[0].StartsWith('/') && !parts[0].Contains('\\', StringComparison.Ordinal);
        if (!isAnonymous && (parts.Length < 2 || !IsVolumeName(parts[0])))
        {
            found.Add(field, Permission.HostMounts, Sentence(bind));
        }
        else if (parts.Length > 2 && parts[2..].SelectMany(mode => mode.Split(',')).Any(IsPropagating))
        {
            found.Add(field, Permission.HostMounts, Propagation);
        }
    }

    private static void Mount(HostOptionList found, string field, MountSpec? mount)
    {
        switch (mount?.Type)
        {
            case "volume":
                found.AddIf(!string.IsNullOrEmpty(mount.Source) && !IsVolumeName(mount.Source), field + ".Source", Permission.HostMounts, Sentence(mount.Source));
                break;
            case "tmpfs":
                found.AddIf(!string.IsNullOrEmpty(mount.Source), field + ".Source", Permission.HostMounts, Sentence(mount.Source));
                break;
            case "image":
                break;
            case "bind":
                found.Add(field + ".Source", Permission.HostMounts, Sentence(mount.Source));
                break;
            default:
                found.Add(field + ".Type", Permission.HostMounts, "mounts something of the host");
                break;
        }

        found.AddIf(
            mount?.BindOptions?.Propagation is { } propagation && propagation is not ("" or "private" or "rprivate"),
            field + ".BindOptions.Propagation",
            Permission.HostMounts,
            Propagation);
        found.AddIf(mount?.BindOptions?.CreateMountpoint == true, field + ".BindOptions.CreateMountpoint", Permission.HostMounts, "makes a directory on the host");
        if (mount?.VolumeOptions?.DriverConfig is { } driver)
        {
            VolumeDriverReach.Add(found, field + ".VolumeOptions.DriverConfig.Options", driver.Name, driver.Options);
        }
    }

    private static bool IsPropagating(string mode) => mode.Trim() is "shared" or "rshared" or "slave" or "rslave" or "unbindable" or "runbindable";

    private static string Sentence(string? path) =>
        path?.Contains("docker.sock", StringComparison.OrdinalIgnoreCase) == true || path?.Contains("docker_engine", StringComparison.OrdinalIgnoreCase) == true
            ? EngineSocket
            : Path;
}
