using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>What a move would lose.</summary>
internal static class MoveRules
{
    private const string Local = "local";

    /// <summary>Named volumes of the container that are only on its node.</summary>
    public static IReadOnlyList<string> LocalVolumes(ContainerEntity row, NodeRecord node)
    {
        using var spec = JsonDocument.Parse(row.SpecJson);
        if (!spec.RootElement.TryGetProperty("HostConfig", out var host) || host.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var names = new List<string>();
        if (host.TryGetProperty("Mounts", out var mounts) && mounts.ValueKind == JsonValueKind.Array)
        {
            foreach (var mount in mounts.EnumerateArray())
            {
                if (Text(mount, "Type") == "volume" && Text(mount, "Source") is { Length: > 0 } name && IsLocal(name, Driver(mount), node))
                {
                    names.Add(name);
                }
            }
        }

        if (host.TryGetProperty("Binds", out var binds) && binds.ValueKind == JsonValueKind.Array)
        {
            var driver = Text(host, "VolumeDriver");
            foreach (var bind in binds.EnumerateArray())
            {
                if (bind.GetString()?.Split(':') is [{ Length: > 0 } name, _, ..] && name[0] != '/' && IsLocal(name, driver, node))
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }

    /// <summary>False only when it is known to have none.</summary>
    public static bool MayHaveAnonymousVolumes(ContainerReport? observed) =>
        observed is null || observed.Mounts.Any(mount => mount.Split(':') is ["volume", { Length: 64 } name, ..] && name.All(char.IsAsciiHexDigitLower));

    private static bool IsLocal(string name, string? driver, NodeRecord node) =>
        // A volume that exists has its own driver, whatever the mount says.
        (node.Volumes.FirstOrDefault(volume => volume.Name == name)?.Driver ?? driver) is null or "" or Local;

    private static string? Driver(JsonElement mount) =>
        mount.TryGetProperty("VolumeOptions", out var options) && options.ValueKind == JsonValueKind.Object
        && options.TryGetProperty("DriverConfig", out var config) && config.ValueKind == JsonValueKind.Object
            ? Text(config, "Name")
            : null;

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
