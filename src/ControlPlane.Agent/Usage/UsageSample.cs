using System.Text.Json;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Usage;

/// <summary>One line of an engine's stats, reckoned as the docker CLI does.</summary>
internal static class UsageSample
{
    /// <returns>Null when the line says nothing (a container that has just stopped).</returns>
    public static ContainerUsage? Read(string engineId, string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var memory = Child(root, "memory_stats");
        if (Number(memory, "limit") == 0)
        {
            return null;
        }

        var (received, sent) = Networks(root);
        var (read, written) = Blocks(root);
        return new ContainerUsage(engineId, Cpu(root), Memory(memory), Number(memory, "limit"), received, sent, read, written);
    }

    private static double Cpu(JsonElement root)
    {
        var now = Child(root, "cpu_stats");
        var before = Child(root, "precpu_stats");
        double used = Number(Child(now, "cpu_usage"), "total_usage") - Number(Child(before, "cpu_usage"), "total_usage");
        double system = Number(now, "system_cpu_usage") - Number(before, "system_cpu_usage");
        var cpus = Number(now, "online_cpus");
        return used > 0 && system > 0 && Number(before, "system_cpu_usage") > 0 ? Math.Round(used / system * Math.Max(1, cpus) * 100, 2) : 0;
    }

    private static long Memory(JsonElement memory)
    {
        var usage = Number(memory, "usage");
        var stats = Child(memory, "stats");
        // cgroup v1 calls it total_inactive_file, v2 inactive_file; very old engines know only cache.
        var cache = Number(stats, "total_inactive_file");
        cache = cache > 0 ? cache : Number(stats, "inactive_file");
        return cache < usage ? usage - cache : usage;
    }

    private static (long Received, long Sent) Networks(JsonElement root)
    {
        var networks = Child(root, "networks");
        return networks.ValueKind == JsonValueKind.Object
            ? (networks.EnumerateObject().Sum(network => Number(network.Value, "rx_bytes")), networks.EnumerateObject().Sum(network => Number(network.Value, "tx_bytes")))
            : (0, 0);
    }

    private static (long Read, long Written) Blocks(JsonElement root)
    {
        long read = 0, written = 0;
        var entries = Child(Child(root, "blkio_stats"), "io_service_bytes_recursive");
        foreach (var entry in entries.ValueKind == JsonValueKind.Array ? entries.EnumerateArray() : [])
        {
            var operation = Child(entry, "op").ValueKind == JsonValueKind.String ? Child(entry, "op").GetString() : "";
            read += string.Equals(operation, "read", StringComparison.OrdinalIgnoreCase) ? Number(entry, "value") : 0;
            written += string.Equals(operation, "write", StringComparison.OrdinalIgnoreCase) ? Number(entry, "value") : 0;
        }

        return (read, written);
    }

    private static JsonElement Child(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) ? value : default;

    // Counters are unsigned in the engine; "no limit" may be beyond a long.
    private static long Number(JsonElement element, string property)
    {
        var value = Child(element, property);
        return value.ValueKind != JsonValueKind.Number ? 0 : value.TryGetInt64(out var number) ? number : value.TryGetUInt64(out _) ? long.MaxValue : 0;
    }
}
