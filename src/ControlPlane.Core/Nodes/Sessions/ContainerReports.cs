using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>Comparison and bounds of container reports.</summary>
internal static class ContainerReports
{
    private const int MaxText = 32 * 1024;
    private const int MaxEntries = 2048;

    /// <summary>Do both say the same? (Records compare their lists by reference.)</summary>
    public static bool Same(ContainerReport a, ContainerReport b) =>
        ReferenceEquals(a, b)
        || (Same(a.Labels, b.Labels)
            && Same(a.Networks, b.Networks)
            && a.Ports.SequenceEqual(b.Ports)
            && a.Mounts.SequenceEqual(b.Mounts, StringComparer.Ordinal)
            && a.MountPoints.SequenceEqual(b.MountPoints)
            && Same(a.Endpoints, b.Endpoints)
            && a == (b with { Labels = a.Labels, Networks = a.Networks, Ports = a.Ports, Mounts = a.Mounts, Endpoints = a.Endpoints, MountPoints = a.MountPoints }));

    /// <summary>A report that may be kept: an agent is not trusted with the server's memory or with shapes nobody checks later.</summary>
    public static bool IsSound(ContainerReport? report) =>
        report is { EngineId.Length: 64, Name.Length: <= 512, Image.Length: <= 1024, ImageId.Length: <= 256, State.Length: <= 32 }
        && report.EngineId.All(char.IsAsciiHexDigitLower)
        && report.Command is { Length: <= MaxText }
        && report.Error is { Length: <= MaxText }
        && report.RestartPolicy is { Length: <= 64 }
        && report.Labels is { Count: <= MaxEntries }
        && report.Networks is { Count: <= MaxEntries }
        && report.Ports is { Count: <= 70_000 }
        && report.Mounts is { Count: <= MaxEntries }
        && report.NetworkMode is { Length: <= 512 }
        && report.Endpoints is { Count: <= MaxEntries }
        && report.Endpoints.Values.All(endpoint => endpoint is { Aliases.Count: <= MaxEntries })
        && report.MountPoints is { Count: <= MaxEntries };

    private static bool Same(IReadOnlyDictionary<string, EndpointReport> a, IReadOnlyDictionary<string, EndpointReport> b) =>
        ReferenceEquals(a, b)
        || (a.Count == b.Count && a.All(endpoint => b.TryGetValue(endpoint.Key, out var other) && Same(endpoint.Value, other)));

    private static bool Same(EndpointReport a, EndpointReport b) =>
        a == (b with { Aliases = a.Aliases }) && a.Aliases.SequenceEqual(b.Aliases, StringComparer.Ordinal);

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Count != b.Count)
        {
            return false;
        }

        foreach (var (key, value) in a)
        {
            if (!b.TryGetValue(key, out var other) || !string.Equals(value, other, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
