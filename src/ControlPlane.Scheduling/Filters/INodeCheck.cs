namespace ControlPlane.Scheduling;

/// <summary>One request's check, parsed and compiled once; immutable.</summary>
public interface INodeCheck
{
    /// <summary>The fast question: no allocation, no text.</summary>
    /// <param name="node">The node.</param>
    bool Passes(in NodeView node);

    /// <summary>The full answer, asked only when somebody wants to know; null exactly when <see cref="Passes"/> is true.</summary>
    /// <param name="node">The node.</param>
    Rejection? Explain(in NodeView node);
}
