using System.Globalization;

namespace ControlPlane.Scheduling;

/// <summary>
/// Sizes in words. What is asked is rounded up and what is free is rounded down, so that a refusal never reads
/// "2 GiB asked, 2 GiB free".
/// </summary>
internal static class Quantity
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string BytesUp(long bytes) => Bytes(bytes, up: true);

    public static string BytesDown(long bytes) => Bytes(bytes, up: false);

    public static string CpusUp(long nanoCpus) => Cpus(nanoCpus, decimal.Ceiling);

    public static string CpusDown(long nanoCpus) => Cpus(nanoCpus, decimal.Floor);

    private static string Bytes(long bytes, bool up)
    {
        var unit = 0;
        var size = 1L;
        while (unit < Units.Length - 1 && bytes >= size * 1024)
        {
            size *= 1024;
            unit++;
        }

        var tenths = unit == 0 ? bytes * 10m : bytes * 10m / size;
        var rounded = (up ? decimal.Ceiling(tenths) : decimal.Floor(tenths)) / 10m;
        return string.Create(CultureInfo.InvariantCulture, $"{rounded:0.#} {Units[unit]}");
    }

    private static string Cpus(long nanoCpus, Func<decimal, decimal> round) =>
        (round(nanoCpus / 1_000_000m) / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
