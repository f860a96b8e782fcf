using ControlPlane.Core.State;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>What a name, digest, id or prefix of an id stands for: an image, or one of that name, on each of some nodes.</summary>
/// <param name="Asked">As the caller wrote it.</param>
/// <param name="Reference">The name; null when it was found by its id.</param>
/// <param name="Held">Where, by name of node; never empty. Nodes may have different images under one name.</param>
public sealed record FoundImage(string Asked, ImageReference? Reference, IReadOnlyList<HeldImage> Held)
{
    /// <summary>How the engine of a node is told which one: never a text of the caller's.</summary>
    public string ForEngine(HeldImage held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return Reference is null ? held.Image.Id : ImageNames.Full(Reference);
    }

    /// <summary>Only on these nodes; null when it is on none of them.</summary>
    internal FoundImage? On(Func<NodeRecord, bool> nodes) =>
        Held.Where(held => nodes(held.Node)).ToList() is { Count: > 0 } held ? this with { Held = held } : null;
}
