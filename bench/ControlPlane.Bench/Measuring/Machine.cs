using System.Globalization;

namespace ControlPlane.Bench.Measuring;

/// <summary>Reads /proc.</summary>
internal static class Machine
{
    // USER_HZ; the kernel shows 100 to programs on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    public static string LoadAverage => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    /// <summary>Processor time of a process since its start, all threads, in seconds.</summary>
    public static double CpuSeconds(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");

        // The name stands in parentheses and may hold spaces; user and system time are fields 14 and 15 of the line.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Resident memory of a process in KiB.</summary>
    public static double ResidentKilobytes(int pid) => Number(File.ReadLines($"/proc/{pid}/status")
        .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>Processor use of a process over a while, in percent of one core.</summary>
    public static async Task<double> CpuPercentAsync(int pid, TimeSpan time, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var before = CpuSeconds(pid);
        await Task.Delay(time, clock, cancellationToken);
        return (CpuSeconds(pid) - before) / clock.GetElapsedTime(started).TotalSeconds * 100;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
