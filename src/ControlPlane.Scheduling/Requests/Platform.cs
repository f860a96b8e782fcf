namespace ControlPlane.Scheduling;

/// <summary>What an image was built for, in the names of the OCI image specification (<c>linux</c>, <c>amd64</c>).</summary>
/// <param name="Os">Operating system; empty = any.</param>
/// <param name="Architecture">Architecture; empty = any.</param>
public readonly record struct Platform(string Os, string Architecture);
