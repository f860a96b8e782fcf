using System.Text.Json;

namespace ControlPlane.Web.Stats;

/// <summary>One sample of a container's usage, computed from the engine's (as <c>docker stats</c> does).</summary>
/// <param name="T">Unix seconds.</param>
/// <param name="Cpu">0 to 100 × CPUs.</param>
/// <param name="Mem">Bytes without page cache.</param>
/// <param name="Limit">Limit, or the host's memory.</param>
/// <param name="Rx">Received since start.</param>
/// <param name="Tx">Sent since start.</param>
public sealed record StatsSample(double T, double Cpu, long Mem, long Limit, long Rx, long Tx)
{
    public static StatsSample? From(JsonElement answer)
    {
        // A container that does not run answers with zeros and the year 1.
        if (!answer.TryGetProperty("read", out var read) || !read.TryGetDateTimeOffset(out var at) || at.Year < 2000)
        {
            return null;
        }

        var cpus = Number(answer, "cpu_stats", "online_cpus");
        var used = Number(answer, "cpu_stats", "cpu_usage", "total_usage") - Number(answer, "precpu_stats", "cpu_usage", "total_usage");
        var whole = Number(answer, "cpu_stats", "system_cpu_usage") - Number(answer, "precpu_stats", "system_cpu_usage");
        var cache = Number(answer, "memory_stats", "stats", "inactive_file") is > 0 and var v2 ? v2 : Number(answer, "memory_stats", "stats", "total_inactive_file");
        var (received, sent) = (0.0, 0.0);
        if (answer.TryGetProperty("networks", out var networks) && networks.ValueKind == JsonValueKind.Object)
        {
            foreach (var network in networks.EnumerateObject())
            {
                received += Number(network.Value, "rx_bytes");
                sent += Number(network.Value, "tx_bytes");
            }
        }

        return new StatsSample(
            at.ToUnixTimeMilliseconds() / 1000.0,
            whole > 0 && used > 0 && Number(answer, "precpu_stats", "system_cpu_usage") > 0 ? Math.Round(used / whole * Math.Max(1, cpus) * 100, 2) : 0,
            (long)Math.Max(0, Number(answer, "memory_stats", "usage") - cache),
            (long)Number(answer, "memory_stats", "limit"),
            (long)received,
            (long)sent);
    }

    private static double Number(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return 0;
            }
        }

        return element.ValueKind == JsonValueKind.Number ? element.GetDouble() : 0;
    }
}
