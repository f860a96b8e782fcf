namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Something in a spec that reaches the host or leaves the confinement of a container.</summary>
/// <param name="Field">Where, in engine form: <c>HostConfig.Binds[0]</c>.</param>
/// <param name="Permission">The <c>host.*</c> right it needs.</param>
/// <param name="Sentence">What it does, beginning with a verb.</param>
public sealed record HostOption(string Field, string Permission, string Sentence)
{
    /// <summary>The same field in a request of REST; null when there is none.</summary>
    public string? RestField => RestFields.Of(Field);
}
