namespace ControlPlane.Api.SignIn;

/// <summary>Which paths take the session cookie, and which answer people with pages.</summary>
internal static class CookieScope
{
    private static readonly string[] Machines = ["/api", "/hubs", "/agent", "/metrics", "/openapi", "/healthz", "/auth"];

    /// <summary>Never the Docker endpoint, the registry or the agents.</summary>
    public static bool Covers(PathString path) =>
        !IsVersioned(path.Value) && !path.StartsWithSegments("/_ping", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/agent", StringComparison.OrdinalIgnoreCase) && !path.StartsWithSegments("/auth", StringComparison.OrdinalIgnoreCase);

    public static bool IsPage(PathString path) =>
        Covers(path) && !Machines.Any(prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));

    // "/v1.44/…" and "/v2/…"; "/volumes" is a page.
    private static bool IsVersioned(string? path) => path is ['/', 'v' or 'V', >= '0' and <= '9', ..] || path is "/version";
}
