using System.Collections.Frozen;

namespace ControlPlane.Scheduling;

/// <summary>What an image was built for, in the names of the OCI image specification (<c>linux</c>, <c>amd64</c>).</summary>
/// <param name="Os">Operating system; empty = any.</param>
/// <param name="Architecture">Architecture; empty = any.</param>
public readonly record struct Platform(string Os, string Architecture)
{
    // What engines (uname -m), Debian and people call the architectures of the OCI image specification (the GOARCH of Go).
    private static readonly FrozenDictionary<string, string> Architectures = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["amd64"] = "amd64",
        ["x86_64"] = "amd64",
        ["x86-64"] = "amd64",
        ["x64"] = "amd64",
        ["386"] = "386",
        ["i386"] = "386",
        ["i486"] = "386",
        ["i586"] = "386",
        ["i686"] = "386",
        ["x86"] = "386",
        ["arm64"] = "arm64",
        ["aarch64"] = "arm64",
        ["arm64v8"] = "arm64",
        ["arm"] = "arm",
        ["armhf"] = "arm",
        ["armel"] = "arm",
        ["armv5l"] = "arm",
        ["armv6l"] = "arm",
        ["armv7l"] = "arm",
        ["armv8l"] = "arm",
        ["ppc64el"] = "ppc64le",
        ["loongarch64"] = "loong64",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same platform in the names of the OCI image specification; an unknown name stays, in lower case.</summary>
    public Platform Normalized => new((Os ?? "").ToLowerInvariant(), NameOf(Architecture ?? "").ToLowerInvariant());

    /// <summary>
    /// Says whether a host runs what was built for this platform: the same names, where both are known; 386 also runs on amd64.
    /// Allocates nothing.
    /// </summary>
    /// <param name="host">What the host is; empty = not known.</param>
    public bool RunsOn(Platform host) => RunsOs(host.Os ?? "") && RunsArchitecture(NameOf(host.Architecture ?? ""));

    /// <summary>Returns e.g. <c>linux/amd64</c>, <c>linux</c> or <c>amd64</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Os) || string.IsNullOrEmpty(Architecture) ? $"{Os}{Architecture}" : $"{Os}/{Architecture}";

    private static string NameOf(string architecture) => Architectures.GetValueOrDefault(architecture, architecture);

    private static bool AreSame(string first, string second) => string.Equals(first, second, StringComparison.OrdinalIgnoreCase);

    private bool RunsOs(string host) => string.IsNullOrEmpty(Os) || host.Length == 0 || AreSame(Os, host);

    private bool RunsArchitecture(string host)
    {
        var asked = NameOf(Architecture ?? "");
        return asked.Length == 0 || host.Length == 0 || AreSame(asked, host) || (AreSame(asked, "386") && AreSame(host, "amd64"));
    }
}
