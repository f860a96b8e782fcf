using ControlPlane.Core.Access;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>
/// Options of volume drivers. The local driver hands type, o and device to mount(2), so only what makes a tmpfs is harmless; what the
/// options of other drivers do, nobody here knows.
/// </summary>
internal static class VolumeDriverReach
{
    private const string Sentence = "mounts a path, a device or a share through the host";

    private static readonly string[] TmpfsFlags = ["ro", "rw", "nodev", "noexec", "nosuid", "noatime"];
    private static readonly string[] TmpfsValues = ["size", "mode", "uid", "gid", "nr_inodes"];

    public static void Add(HostOptionList found, string field, string? driver, IReadOnlyDictionary<string, string>? options)
    {
        var isLocal = driver is null or "" or "local";
        found.Each(options, field, Permission.HostMounts, Sentence, (key, value) => !isLocal || !IsHarmless(key, value));
    }

    private static bool IsHarmless(string key, string? value) => key switch
    {
        "type" or "device" => value == "tmpfs",
        "o" => value is not null && value.Split(',').All(IsTmpfsOption),
        // A quota.
        "size" => true,
        _ => false,
    };

    private static bool IsTmpfsOption(string option) =>
        TmpfsFlags.Contains(option, StringComparer.Ordinal)
        || (option.Split('=', 2) is [var name, _] && TmpfsValues.Contains(name, StringComparer.Ordinal));
}
