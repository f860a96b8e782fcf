namespace ControlPlane.Scheduling;

/// <summary>One request's check, parsed and compiled once; immutable.</summary>
public interface INodeCheck
{
    /// <summary>The fast question: no allocation, no text.</summary>
    /// <param name="node">The node.</param>
    bool Passes(in NodeView node);

    /// <summary>
    /// Takes the nodes that fail out of the candidates by the view's index, exactly as <see cref="Passes"/> would; false when the
    /// index cannot tell, and then nothing was taken out.
    /// </summary>
    /// <param name="view">The cluster.</param>
    /// <param name="candidates">Slots that are still in question.</param>
    bool Narrow(IClusterView view, SlotSet candidates) => false;

    /// <summary>The full answer, asked only when somebody wants to know; null exactly when <see cref="Passes"/> is true.</summary>
    /// <param name="node">The node.</param>
    Rejection? Explain(in NodeView node);
}
