namespace ControlPlane.Bench.Scheduling;

/// <summary>A kind of request, or of cluster.</summary>
internal enum SchedulingCase
{
    /// <summary>Nothing asked for: the fewest containers win.</summary>
    Plain,

    /// <summary>Equal nodes, memory and one label constraint over all zones in turn.</summary>
    MemoryAndConstraint,

    /// <summary>The same zone again and again: the others stay emptier.</summary>
    OneZone,

    /// <summary>Nodes of eight sizes; CPU and memory asked for.</summary>
    MixedSizes,

    /// <summary>97 of 100 nodes have no room for what is asked.</summary>
    NearlyFull,

    /// <summary>On the node of a named container.</summary>
    ContainerAffinity,

    /// <summary>Not beside a container with a label.</summary>
    LabelAntiAffinity,

    /// <summary>Two soft expressions, one of which nobody can meet.</summary>
    Soft,
}
