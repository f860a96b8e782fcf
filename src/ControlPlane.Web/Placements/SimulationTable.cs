using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Placements;

namespace ControlPlane.Web.Placements;

/// <summary>A simulation as people read it: what changes first, the rest folded.</summary>
public sealed class SimulationTable(SimulationView view)
{
    public SimulationView View => view;

    /// <summary>Nodes that are or hold something else than before; the fullest change first.</summary>
    public IReadOnlyList<SimulatedNodeView> Changed { get; } =
        [.. view.Nodes.Where(IsChanged).OrderByDescending(node => Math.Abs((node.After?.Containers ?? 0) - (node.Before?.Containers ?? 0))).ThenBy(node => node.Node, StringComparer.Ordinal)];

    public IReadOnlyList<SimulatedNodeView> Same { get; } = [.. view.Nodes.Where(node => !IsChanged(node))];

    /// <summary>Containers on the fullest node, before or after: the length of a full bar.</summary>
    public int Most { get; } = view.Nodes.Select(node => Math.Max(node.Before?.Containers ?? 0, node.After?.Containers ?? 0)).DefaultIfEmpty(0).Max();

    /// <summary>The one placement that was asked for, explained in full; null when there are more or moves beside it.</summary>
    public PlacementView? Only { get; } = view is { Placements: [{ Placement: { Nodes.Count: > 0 } only }], Moves.Count: 0 } ? only : null;

    public string Summary
    {
        get
        {
            var parts = new List<string>();
            var totals = view.Totals;
            if (view.Placements.Count > 0)
            {
                parts.Add(totals.Refused == 0 ? (totals.Placed == 1 ? $"It goes to {view.Placements[0].Placement.Node}" : $"All {totals.Placed} fit") : $"{totals.Placed} of {totals.Placed + totals.Refused} fit");
            }

            if (view.Moves.Count > 0)
            {
                parts.Add(totals.NotMoved == 0 ? $"{totals.Moved} can move elsewhere" : $"{totals.Moved} of {view.Moves.Count} can move elsewhere");
            }

            if (totals.Staying > 0)
            {
                parts.Add($"{totals.Staying} {(totals.Staying == 1 ? "stays" : "stay")} behind");
            }

            return parts.Count == 0 ? "Nothing has to move" : string.Join(", ", parts);
        }
    }

    public bool HasRefusals => view.Refusals.Count > 0;

    private static bool IsChanged(SimulatedNodeView node) => node.Change.Length > 0 || node.Before != node.After;
}
