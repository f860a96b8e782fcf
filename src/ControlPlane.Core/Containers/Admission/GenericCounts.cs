using ControlPlane.Core.Nodes.Joining;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Names and counts of generic resources: the same rule for what nodes have and what containers ask for.</summary>
internal static class GenericCounts
{
    public const int MaxNames = 32;
    public const long MaxCount = 1_000_000;
    public const string TooMany = "must not have more than 32 entries";

    /// <summary>What is wrong, or null.</summary>
    public static string? Problem(string name, long count) =>
        !LabelRules.IsKey(name) ? "must have a name of letters, digits, '.', '_', '-' or '/', beginning and ending with a letter or digit"
        : count is < 1 or > MaxCount ? "must be 1 to 1000000"
        : null;
}
