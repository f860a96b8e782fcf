namespace ControlPlane.Scheduling;

/// <summary>One node as filters and strategies see it: read-only, two references wide, valid while its view is.</summary>
/// <param name="facts">What the node is.</param>
/// <param name="usage">What is taken on it.</param>
public readonly struct NodeView(NodeFacts facts, INodeUsage usage)
{
    /// <summary>What the node is.</summary>
    public NodeFacts Facts { get; } = facts;

    /// <summary>What is taken on it.</summary>
    public INodeUsage Usage { get; } = usage;

    /// <summary>Identity of the node.</summary>
    public NodeId Id => Facts.Id;

    /// <summary>Name of the node.</summary>
    public string Name => Facts.Name;
}
