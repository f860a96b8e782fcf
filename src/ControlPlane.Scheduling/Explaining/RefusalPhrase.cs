using System.Globalization;

namespace ControlPlane.Scheduling;

/// <summary>A reason that follows a number of nodes: "1 <c>is draining</c>", "3 <c>are draining</c>".</summary>
/// <param name="One">After the number one.</param>
/// <param name="Many">After any other number.</param>
public readonly record struct RefusalPhrase(string One, string Many)
{
    /// <summary>Returns e.g. <c>3 are draining</c>.</summary>
    /// <param name="nodes">Number of nodes.</param>
    public string For(int nodes) => string.Create(CultureInfo.InvariantCulture, $"{nodes} {(nodes == 1 ? One : Many)}");
}
