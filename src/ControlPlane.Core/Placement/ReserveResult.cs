using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>Outcome of deciding and reserving in one step.</summary>
public abstract record ReserveResult
{
    private ReserveResult()
    {
    }

    /// <summary>A node was found and everything asked for is held on it.</summary>
    public sealed record Reserved(Placed Decision) : ReserveResult;

    /// <summary>The name belongs to another container or is held for one; nothing was reserved.</summary>
    public sealed record NameTaken(string ByKey) : ReserveResult;

    /// <summary>No node fits; nothing was reserved.</summary>
    public sealed record Unplaceable(Scheduling.Unplaceable Decision) : ReserveResult;
}
