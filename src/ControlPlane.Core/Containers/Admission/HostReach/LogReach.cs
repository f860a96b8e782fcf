using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Log drivers that send to an address, or write to the host's own log.</summary>
internal static class LogReach
{
    private static readonly string[] Harmless = ["max-size", "max-file", "max-buffer-size", "mode", "compress", "labels", "labels-regex", "env", "env-regex", "tag"];

    public static void Add(HostOptionList found, LogConfig? log)
    {
        found.AddIf(log?.Type is not (null or "" or "json-file" or "local" or "none"), "HostConfig.LogConfig.Type", Permission.HostLogDriver, "sends what the container writes elsewhere");

        // Without a type these are options of the engine's own driver, which may be one that sends.
        found.Each(
            log?.Config,
            "HostConfig.LogConfig.Config",
            Permission.HostLogDriver,
            "is an option of a log driver that sends elsewhere",
            (key, _) => !Harmless.Contains(key, StringComparer.Ordinal));
    }
}
