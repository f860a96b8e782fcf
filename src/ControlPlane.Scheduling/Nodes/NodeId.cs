namespace ControlPlane.Scheduling;

/// <summary>Identity of a node in this cluster: opaque, compared ordinally, never reused.</summary>
/// <param name="Value">The id as text; not empty.</param>
public readonly record struct NodeId(string Value)
{
    /// <summary>Returns the id as text.</summary>
    public override string ToString() => Value ?? "";
}
