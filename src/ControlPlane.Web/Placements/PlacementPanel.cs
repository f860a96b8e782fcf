using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Web.Placements;

/// <summary>A placement as people read it: the way from all nodes to one, the scores side by side, refusals by reason.</summary>
public sealed partial class PlacementPanel
{
    private static readonly (string Key, string Title, bool IsPercent)[] KnownParts =
    [
        ("memoryPercent", "Memory with it", true), ("cpuPercent", "CPU with it", true), ("containers", "Containers", false),
        ("peersInGroup", "Replicas in group", false), ("peersOnNode", "Replicas on node", false), ("weight", "Weight", false),
    ];

    private PlacementPanel(PlacementView placement)
    {
        Placement = placement;
        Fitting = [.. placement.Nodes.Where(node => node.Result != "filtered")];
        Groups = [.. placement.Nodes.Where(node => node.Result == "filtered").GroupBy(node => Pattern(node.Reasons.Count > 0 ? node.Reasons[0] : ""), StringComparer.Ordinal)
            .Select(group => new ReasonGroup(Title(group), [.. group])).OrderByDescending(group => group.Nodes.Count).ThenBy(group => group.Reason, StringComparer.Ordinal)];
        Parts = [.. KnownParts.Where(part => Fitting.Any(node => node.Scores.ContainsKey(part.Key))).Select(part => new ScorePart(
            part.Key, part.Title, part.IsPercent, part.IsPercent ? 100 : Fitting.Max(node => node.Scores.GetValueOrDefault(part.Key))))];
        var removed = placement.RemovedByFilter.Values.Sum();
        // A large cluster is examined only until the winner is known: then nobody knows how many fit.
        Fit = placement.NodesTotal == 0 ? null : placement.Node is null ? 0 : IsExplained || placement.NodesTotal <= 64 ? placement.NodesTotal - removed : null;
    }

    public PlacementView Placement { get; }

    public IReadOnlyList<PlacementNodeView> Fitting { get; }

    public IReadOnlyList<ReasonGroup> Groups { get; }

    public IReadOnlyList<ScorePart> Parts { get; }

    /// <summary>How many nodes fit; null when that was not counted.</summary>
    public int? Fit { get; }

    /// <summary>Every node is here, or at least those that do not fit.</summary>
    public bool IsExplained => Placement.Nodes.Count == Placement.NodesTotal || Groups.Count > 0;

    public bool IsSearchable => Placement.Nodes.Count > 12;

    public int Omitted => IsExplained ? Math.Max(0, Placement.NodesTotal - Placement.Nodes.Count) : 0;

    public static PlacementPanel From(PlacementView placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        return new PlacementPanel(placement);
    }

    /// <summary>Reasons that differ in a number or a name only belong together.</summary>
    private static string Pattern(string reason) => Particular().Replace(reason, "…");

    private static string Title(IEnumerable<PlacementNodeView> group)
    {
        var reasons = group.Select(node => node.Reasons.Count > 0 ? node.Reasons[0] : "no reason").Distinct(StringComparer.Ordinal).Take(2).ToArray();
        return reasons.Length == 1 ? reasons[0] : Pattern(reasons[0]);
    }

    [GeneratedRegex(@"(?<=(is|has) )`[^`]*`|\b\d+([.,]\d+)?( [KMGT]?i?B)?\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Particular();
}

/// <summary>Nodes that were refused for the same first reason.</summary>
public sealed record ReasonGroup(string Reason, IReadOnlyList<PlacementNodeView> Nodes);

/// <summary>One part of a score over all nodes that fit.</summary>
/// <param name="Key">In <see cref="PlacementNodeView.Scores"/>.</param>
/// <param name="Title">For people.</param>
/// <param name="IsPercent">Whole percent.</param>
/// <param name="Max">The length of a full bar.</param>
public sealed record ScorePart(string Key, string Title, bool IsPercent, double Max)
{
    public bool HasBar => Key != "weight" && Max > 0;

    public string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture) + (IsPercent ? " %" : "");
}
