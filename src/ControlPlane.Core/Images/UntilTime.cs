using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Core.Images;

/// <summary>The engine's <c>until</c>: a duration back from now (<c>1h30m</c>), Unix seconds, or a time.</summary>
public static partial class UntilTime
{
    /// <summary>False when it is none of these, or further back than a hundred years.</summary>
    /// <param name="text">As it came.</param>
    /// <param name="now">UTC.</param>
    /// <param name="time">UTC.</param>
    public static bool TryParse(string text, DateTime now, out DateTime time)
    {
        ArgumentNullException.ThrowIfNull(text);
        time = default;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var unix) && unix < 1e11)
        {
            time = DateTime.UnixEpoch.AddSeconds(unix);
            return true;
        }

        if (text.Length <= 64 && Duration().IsMatch(text))
        {
            var seconds = 0d;
            foreach (Match part in Piece().Matches(text))
            {
                seconds += double.Parse(part.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * part.Groups["unit"].ValueSpan switch
                {
                    "h" => 3600,
                    "m" => 60,
                    "s" => 1,
                    "ms" => 1e-3,
                    "us" or "µs" => 1e-6,
                    _ => 1e-9,
                };
            }

            if (seconds > 100d * 366 * 24 * 3600)
            {
                return false;
            }

            time = now.AddSeconds(-seconds);
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return false;
        }

        time = at.UtcDateTime;
        return true;
    }

    [GeneratedRegex(@"^([0-9]{1,12}(\.[0-9]{1,9})?(h|m|s|ms|us|µs|ns))+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Duration();

    [GeneratedRegex(@"(?<number>[0-9.]+)(?<unit>h|ms|m|s|us|µs|ns)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Piece();
}
