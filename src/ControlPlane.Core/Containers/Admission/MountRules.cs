using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Mounts: bind, volume and tmpfs, and no bind mount that pretends to be a volume.</summary>
internal static class MountRules
{
    private const int MaxMounts = 256;
    private const int MaxVolumeName = 255;

    public static IReadOnlyList<MountSpec>? Admit(FieldErrors errors, IReadOnlyList<MountRequest>? mounts)
    {
        if (mounts is not { Count: > 0 } || !errors.Require(mounts.Count <= MaxMounts, "mounts", "must not have more than 256 entries"))
        {
            return null;
        }

        var specs = new List<MountSpec>(mounts.Count);
        var targets = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < mounts.Count; i++)
        {
            var field = $"mounts[{i}]";
            if (errors.Require(mounts[i] is not null, field, "must not be null"))
            {
                Target(errors, field + ".target", mounts[i].Target, targets);
                specs.Add(One(errors, field, mounts[i]));
            }
        }

        return specs;
    }

    private static void Target(FieldErrors errors, string field, string? target, HashSet<string> targets)
    {
        if (!errors.Require(!string.IsNullOrEmpty(target), field, "is required") || !TextRules.AbsolutePath(errors, field, target!))
        {
            return;
        }

        var clean = string.Join('/', target!.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."));
        errors.Require(clean.Length > 0, field, "must not be the root directory");
        errors.Require(targets.Add(clean), field, "is the target of another mount");
    }

    private static MountSpec One(FieldErrors errors, string field, MountRequest mount)
    {
        errors.Require(mount.VolumeOptions is null || mount.Type == "volume", field + ".volumeOptions", "is only for mounts of type 'volume'");
        errors.Require(mount.TmpfsSizeBytes is null || mount.Type == "tmpfs", field + ".tmpfsSizeBytes", "is only for mounts of type 'tmpfs'");
        var spec = new MountSpec { Type = mount.Type, Source = mount.Source, Target = mount.Target, ReadOnly = mount.ReadOnly };
        switch (mount.Type)
        {
            case "bind":
                if (errors.Require(!string.IsNullOrEmpty(mount.Source), field + ".source", "is required for a bind mount"))
                {
                    TextRules.AbsolutePath(errors, field + ".source", mount.Source!);
                }

                return spec;
            case "volume":
                errors.Require(
                    mount.Source is null || IsVolumeName(mount.Source),
                    field + ".source",
                    "must be a volume name: 2 to 255 letters, digits, '_', '.' and '-', beginning with a letter or digit");
                return spec with { VolumeOptions = Volume(errors, field + ".volumeOptions", mount.VolumeOptions) };
            case "tmpfs":
                errors.Require(string.IsNullOrEmpty(mount.Source), field + ".source", "is not for mounts of type 'tmpfs'");
                errors.Require(mount.TmpfsSizeBytes is null or (>= 0 and <= MemorySize.Maximum), field + ".tmpfsSizeBytes", "must be 0 or more bytes, at most 1 PiB");
                return spec with { Source = null, TmpfsOptions = mount.TmpfsSizeBytes is { } size ? new TmpfsOptions { SizeBytes = size } : null };
            default:
                errors.Add(field + ".type", mount.Type is null ? "is required" : "must be 'bind', 'volume' or 'tmpfs'");
                return spec;
        }
    }

    private static VolumeOptions? Volume(FieldErrors errors, string field, VolumeOptionsRequest? options)
    {
        if (options is null)
        {
            return null;
        }

        TextRules.Labels(errors, field + ".labels", options.Labels);
        TextRules.Token(errors, field + ".driver", options.Driver, MaxVolumeName);
        TextRules.Options(errors, field + ".driverOptions", options.DriverOptions);
        errors.Require(!IsBindInDisguise(options.DriverOptions), field + ".driverOptions", "must not mount a path or device of the node; use a mount of type 'bind'");
        return new VolumeOptions
        {
            NoCopy = options.NoCopy,
            Labels = options.Labels,
            DriverConfig = options.Driver is null && options.DriverOptions is null
                ? null
                : new VolumeDriverConfig { Name = options.Driver ?? "local", Options = options.DriverOptions },
        };
    }

    // The local driver hands type, o and device to mount(2): "bind" among the options, or any device that is a path, reaches the host.
    internal static bool IsBindInDisguise(IReadOnlyDictionary<string, string>? options) => options is not null && options.Any(option =>
        option.Value is not null && option.Key.ToLowerInvariant() switch
        {
            "o" => option.Value.Split(',').Any(o => o.Trim() is "bind" or "rbind" or "move"),
            "type" => option.Value.Trim() is "none" or "bind" or "overlay",
            "device" => option.Value.TrimStart().StartsWith('/') && !option.Value.TrimStart().StartsWith("//", StringComparison.Ordinal),
            _ => false,
        });

    private static bool IsVolumeName(string name) =>
        name.Length is >= 2 and <= MaxVolumeName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
