namespace ControlPlane.Core.Containers.Moving;

/// <summary>A container of ours that stayed on a node when its intent went to another. It is known exactly: no label can name another one.</summary>
/// <param name="NodeId">Where.</param>
/// <param name="EngineId">Its id there.</param>
/// <param name="Generation">What it was.</param>
/// <param name="Ran">False: it was made and never ran, so nothing can be lost with it.</param>
public sealed record LeftCopy(string NodeId, string EngineId, int Generation, bool Ran);

/// <summary>A node that refused a create of the current generation.</summary>
/// <param name="NodeId">Which.</param>
/// <param name="Reason">Its words.</param>
/// <param name="Image">It could not get the image.</param>
internal sealed record NodeRefusal(string NodeId, string Reason, bool Image);
