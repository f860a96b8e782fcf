using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>Whether two reports say the same; records compare their lists by reference, so those are looked into.</summary>
internal static class ReportComparison
{
    public static bool SaysTheSame(ContainerReport left, ContainerReport right) =>
        left == right with { Labels = left.Labels, Ports = left.Ports, Networks = left.Networks, Mounts = left.Mounts }
        && Same(left.Labels, right.Labels)
        && Same(left.Networks, right.Networks)
        && left.Ports.SequenceEqual(right.Ports)
        && left.Mounts.SequenceEqual(right.Mounts, StringComparer.Ordinal);

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
