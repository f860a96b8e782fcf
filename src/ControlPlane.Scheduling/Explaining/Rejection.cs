namespace ControlPlane.Scheduling;

/// <summary>Why a filter refuses a node.</summary>
/// <param name="Text">Every reason of this filter in words, e.g. <c>needs `disk=ssd`, has `disk=hdd`</c>.</param>
/// <param name="Summary">The first reason without the node's particulars, for counting.</param>
public sealed record Rejection(string Text, RefusalPhrase Summary)
{
    /// <summary>Name of the filter; set by the one who asked it.</summary>
    public string Filter { get; init; } = "";
}
