using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>The <c>until</c> filter of prunes: a time, or an age such as <c>24h</c>.</summary>
internal static partial class Until
{
    /// <summary>Only what is older than this; the end of time when nobody asks.</summary>
    public static Result<DateTime> Of(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, DateTime now) => filters.GetValueOrDefault("until") switch
    {
        null or [] => DateTime.MaxValue,
        [var one] => Read(one, now) is { } time ? time : new InvalidError("filters", $"until: '{one}' is neither a time nor an age such as 24h"),
        _ => new InvalidError("filters", "more than one until filter specified"),
    };

    private static DateTime? Read(string text, DateTime now)
    {
        if (Age().Match(text) is { Success: true } age)
        {
            return now - age.Groups["part"].Captures.Select(part => Part(part.Value)).Aggregate(TimeSpan.Zero, (sum, part) => sum + part);
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e11
            ? DateTime.UnixEpoch.AddSeconds(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.UtcDateTime : null;
    }

    private static TimeSpan Part(string part)
    {
        var number = double.Parse(part.AsSpan().TrimEnd("hms"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return part switch
        {
            [.., 'm', 's'] => TimeSpan.FromMilliseconds(number),
            [.., 'h'] => TimeSpan.FromHours(number),
            [.., 'm'] => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromSeconds(number),
        };
    }

    // As Go writes durations; a hundred years of hours at most.
    [GeneratedRegex(@"^(?<part>[0-9]{1,6}(\.[0-9]{1,6})?(h|ms|m|s)){1,4}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Age();
}
