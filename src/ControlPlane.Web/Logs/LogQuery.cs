using ControlPlane.Core.Containers;

namespace ControlPlane.Web.Logs;

/// <summary>Which lines the viewer asks for.</summary>
public sealed class LogQuery
{
    private const int DefaultTail = 500;
    private const int MaxTail = 10_000;

    public bool Follow { get; set; }

    public int? Tail { get; set; }

    /// <summary>Seconds back from now.</summary>
    public int? Since { get; set; }

    /// <summary><c>out</c>, <c>err</c>, or both.</summary>
    public string? Stream { get; set; }

    public LogRequest ToRequest(DateTimeOffset now) => new(
        Follow,
        Stdout: !string.Equals(Stream, "err", StringComparison.Ordinal),
        Stderr: !string.Equals(Stream, "out", StringComparison.Ordinal),
        Math.Clamp(Tail ?? DefaultTail, 1, MaxTail),
        Since is > 0 and < 366 * 24 * 3600 ? (now - TimeSpan.FromSeconds(Since.Value)).ToUnixTimeSeconds() : null,
        Until: null,
        Timestamps: true);
}
