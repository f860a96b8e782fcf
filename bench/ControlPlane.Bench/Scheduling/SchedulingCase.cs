namespace ControlPlane.Bench.Scheduling;

/// <summary>A kind of request.</summary>
internal enum SchedulingCase
{
    /// <summary>Nothing asked for: the fewest containers win.</summary>
    Plain,

    /// <summary>One constraint, over all zones in turn.</summary>
    AnyZone,

    /// <summary>One constraint, always the same zone: the others stay emptier and come first in the index.</summary>
    OneZone,

    /// <summary>Memory asked for: the share reserved decides before the count.</summary>
    Memory,
}
