namespace ControlPlane.Scheduling;

/// <summary>Outcome of reading an affinity.</summary>
public abstract record AffinityParse
{
    private AffinityParse()
    {
    }

    /// <summary>It is well formed.</summary>
    /// <param name="Affinity">The affinity.</param>
    public sealed record Valid(Affinity Affinity) : AffinityParse;

    /// <summary>It is not.</summary>
    /// <param name="Text">What is wrong with it, for people.</param>
    public sealed record Invalid(string Text) : AffinityParse;
}
