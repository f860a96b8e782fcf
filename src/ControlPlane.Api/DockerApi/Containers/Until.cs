using ControlPlane.Core.Images;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>The <c>until</c> filter of prunes: a time, or an age such as <c>24h</c>.</summary>
internal static class Until
{
    /// <summary>Only what is older than this; the end of time when nobody asks.</summary>
    public static Result<DateTime> Of(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, DateTime now) => filters.GetValueOrDefault("until") switch
    {
        null or [] => DateTime.MaxValue,
        [var one] => UntilTime.TryParse(one, now, out var time) ? time : new InvalidError("filters", $"until: '{one}' is neither a time nor an age such as 24h"),
        _ => new InvalidError("filters", "more than one until filter specified"),
    };
}
