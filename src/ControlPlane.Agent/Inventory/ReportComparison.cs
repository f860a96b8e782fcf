using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>Whether two reports say the same; records compare their lists by reference, so those are looked into.</summary>
internal static class ReportComparison
{
    public static bool SaysTheSame(ContainerReport left, ContainerReport right) =>
        left == right with { Labels = left.Labels, Ports = left.Ports, Networks = left.Networks, Mounts = left.Mounts, Endpoints = left.Endpoints, MountPoints = left.MountPoints }
        && Same(left.Labels, right.Labels)
        && Same(left.Networks, right.Networks)
        && left.Ports.SequenceEqual(right.Ports)
        && left.Mounts.SequenceEqual(right.Mounts, StringComparer.Ordinal)
        && left.MountPoints.SequenceEqual(right.MountPoints)
        && left.Endpoints.Count == right.Endpoints.Count
        && left.Endpoints.All(endpoint => right.Endpoints.TryGetValue(endpoint.Key, out var other) && Same(endpoint.Value, other));

    private static bool Same(EndpointReport left, EndpointReport right) =>
        left == right with { Aliases = left.Aliases } && left.Aliases.SequenceEqual(right.Aliases, StringComparer.Ordinal);

    private static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || !string.Equals(value, other, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
