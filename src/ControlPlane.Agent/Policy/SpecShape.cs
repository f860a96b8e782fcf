using System.Text.Json;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Policy;

/// <summary>
/// Refuses a body that the engine could read differently from us: Go's decoder folds case (also beyond ASCII) and lets the last
/// of several spellings win, so a policy that reads only the exact key would be blind.
/// </summary>
internal static class SpecShape
{
    // The keys that the rules read, and those on the way to them.
    private static readonly string[] Exact =
    [
        "HostConfig", "Labels", "Privileged", "Binds", "Mounts", "Type", "Source", "VolumeOptions", "DriverConfig", "Options",
        "NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode", "Cgroup", "VolumesFrom",
        "CapAdd", "Devices", "SecurityOpt", "DeviceCgroupRules", "DeviceRequests",
    ];

    public static string? Check(JsonElement root) =>
        root.ValueKind != JsonValueKind.Object ? "The container spec must be a JSON object."
            // The engine still reads an old second place for HostConfig.
            : root.EnumerateObject().Any(property => string.Equals(property.Name, "Host", StringComparison.OrdinalIgnoreCase)) ? "The container spec has the key 'Host'; it must be written 'HostConfig'."
            : CheckKeys(root, freeKeys: false);

    public static string? CheckLabel(JsonElement root, string clusterId) =>
        root.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
        && labels.TryGetProperty(AgentProtocol.ClusterIdLabel, out var label) && label.ValueKind == JsonValueKind.String && label.GetString() == clusterId
            ? null
            : $"The container spec does not carry its cluster id in label {AgentProtocol.ClusterIdLabel}.";

    private static string? CheckKeys(JsonElement element, bool freeKeys)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(item => CheckKeys(item, freeKeys)).FirstOrDefault(problem => problem is not null);
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (!freeKeys && CheckKey(property.Name) is { } problem)
                    {
                        return problem;
                    }

                    // In these the keys are data (label names, driver options), not fields.
                    var data = property.Name is "Labels" or "Options" or "DriverOpts" or "Sysctls" or "StorageOpt" or "Tmpfs" or "Annotations"
                        or "ExposedPorts" or "PortBindings" or "Volumes" or "EndpointsConfig" or "Config";
                    if (CheckKeys(property.Value, freeKeys || data) is { } inner)
                    {
                        return inner;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static string? CheckKey(string key)
    {
        if (key.Any(character => character > 127))
        {
            return $"The container spec has a key that is not plain ASCII: '{key}'.";
        }

        return Exact.FirstOrDefault(known => string.Equals(known, key, StringComparison.OrdinalIgnoreCase) && known != key) is { } exact
            ? $"The container spec has the key '{key}'; it must be written '{exact}'."
            : null;
    }
}
