using System.Globalization;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary><c>Prefer: wait=30</c>, or <c>wait</c> for as long as the server will (RFC 7240).</summary>
internal static class Prefer
{
    private const int LongestWait = 300;

    /// <summary>How long the client would wait for the end; null when it does not say.</summary>
    public static TimeSpan? Wait(HttpContext context)
    {
        foreach (var part in context.Request.Headers["Prefer"].SelectMany(value => (value ?? "").Split([',', ';'], StringSplitOptions.TrimEntries)))
        {
            var seconds = part.Equals("wait", StringComparison.OrdinalIgnoreCase) ? LongestWait : 0;
            if (seconds > 0
                || (part.StartsWith("wait=", StringComparison.OrdinalIgnoreCase) && int.TryParse(part.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out seconds)))
            {
                context.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={Math.Min(seconds, LongestWait)}");
                return TimeSpan.FromSeconds(Math.Min(seconds, LongestWait));
            }
        }

        return null;
    }
}
