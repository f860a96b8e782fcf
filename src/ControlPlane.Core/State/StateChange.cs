namespace ControlPlane.Core.State;

public enum ObjectKind
{
    Node,
    Container,
    Operation,

    /// <summary>Images, networks or volumes of a node; <see cref="StateChange.Id"/> is the node's.</summary>
    NodeContent,

    /// <summary>Settings of the cluster; <see cref="StateChange.Id"/> says which.</summary>
    Settings,
}

public enum ChangeKind
{
    Added,
    Updated,
    Removed,
}

/// <summary>One change. Says what changed and carries the record as it was published with it.</summary>
/// <param name="Sequence">Place in the stream.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Object">What kind of thing.</param>
/// <param name="Kind">What happened to it.</param>
/// <param name="Id">Its id.</param>
/// <param name="NodeId">The node it is on, if any.</param>
/// <param name="Collection">Whose grants say who may see it.</param>
/// <param name="Record">The <see cref="NodeRecord"/>, <see cref="ContainerRecord"/> or operation after the change (before it, when removed).</param>
/// <param name="Reason">What led to it, e.g. <c>start</c>, <c>die</c>, <c>lease</c>; may be empty.</param>
public sealed record StateChange(
    long Sequence, DateTime At, ObjectKind Object, ChangeKind Kind, string Id, string? NodeId, string Collection, object Record, string Reason);
