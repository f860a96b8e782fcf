using System.Globalization;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>CPU, memory and disk of the host, from /proc and statvfs.</summary>
internal sealed class HostReading
{
    private (long Busy, long Total) _last = ReadCpu();

    public Heartbeat ToHeartbeat(DateTime now, bool engineUp, ulong digest, string? dataRoot)
    {
        var cpu = ReadCpu();
        var total = cpu.Total - _last.Total;
        var percent = total > 0 ? Math.Round(100.0 * Environment.ProcessorCount * (cpu.Busy - _last.Busy) / total, 1) : 0;
        _last = cpu;
        var (memoryTotal, memoryAvailable) = ReadMemory();
        var (diskTotal, diskFree) = ReadDisk(dataRoot);
        return new Heartbeat(now, engineUp, digest, Math.Max(0, percent), memoryTotal - memoryAvailable, memoryTotal, diskTotal - diskFree, diskTotal);
    }

    private static (long Busy, long Total) ReadCpu()
    {
        try
        {
            using var stat = new StreamReader("/proc/stat");
            var fields = (stat.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(field => long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? ticks : 0).ToArray();
            var total = fields.Sum();
            return fields.Length < 5 ? (0, 0) : (total - fields[3] - fields[4], total);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }

    private static (long Total, long Available) ReadMemory()
    {
        long total = 0, available = 0;
        try
        {
            using var lines = new StreamReader("/proc/meminfo");
            while (lines.ReadLine() is { } line && (total == 0 || available == 0))
            {
                if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
                {
                    total = Kibibytes(line);
                }
                else if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                {
                    available = Kibibytes(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }

        return (total, available);
    }

    private static long Kibibytes(string line) =>
        long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..] ? number : "", NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value * 1024 : 0;

    private static (long Total, long Free) ReadDisk(string? path)
    {
        try
        {
            if (path is { Length: > 0 } && Directory.Exists(path))
            {
                var drive = new DriveInfo(path);
                return (drive.TotalSize, drive.AvailableFreeSpace);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Unknown is a valid answer.
        }

        return (0, 0);
    }
}
