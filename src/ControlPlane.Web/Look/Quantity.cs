using System.Globalization;

namespace ControlPlane.Web.Look;

/// <summary>Numbers as people read them. The scripts format the same way (Assets/live/numbers.ts).</summary>
public static class Quantity
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit > 0 && value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Cpus(long nanoCpus) => string.Create(CultureInfo.InvariantCulture, $"{nanoCpus / 1e9:0.##}");

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(share, 0, 1) * 100:0} %");

    public static double Share(double part, double whole) => whole > 0 ? Math.Clamp(part / whole, 0, 1) : 0;

    /// <summary>A share for an attribute.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalSeconds)} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min"),
        { TotalHours: < 24 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} d"),
    };

    public static string ShortId(string id) => id is { Length: > 12 } ? id[..12] : id;

    /// <summary>A digest in the image's name is cut: the whole is in the title.</summary>
    public static string Image(string image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var at = image.IndexOf("@sha256:", StringComparison.Ordinal);
        return at > 0 ? image[..at] : image.StartsWith("sha256:", StringComparison.Ordinal) ? ShortId(image[7..]) : image;
    }
}
