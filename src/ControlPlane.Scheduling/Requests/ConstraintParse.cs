namespace ControlPlane.Scheduling;

/// <summary>Outcome of reading one constraint: <see cref="Valid"/> or <see cref="Invalid"/>.</summary>
public abstract record ConstraintParse
{
    private ConstraintParse()
    {
    }

    /// <summary>The expression was understood.</summary>
    /// <param name="Constraint">The compiled constraint.</param>
    public sealed record Valid(Constraint Constraint) : ConstraintParse;

    /// <summary>The expression was not understood.</summary>
    /// <param name="Text">A sentence for people that quotes what is wrong.</param>
    public sealed record Invalid(string Text) : ConstraintParse;
}
