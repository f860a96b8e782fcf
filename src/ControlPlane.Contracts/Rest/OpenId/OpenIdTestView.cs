namespace ControlPlane.Contracts.Rest.OpenId;

/// <summary>What a test of a provider found.</summary>
/// <param name="Ok">People can sign in, as far as it can be known without one.</param>
/// <param name="Steps">In order; the first that failed is the last.</param>
/// <param name="TookMilliseconds">All of it.</param>
public sealed record OpenIdTestView(bool Ok, IReadOnlyList<OpenIdTestStep> Steps, long TookMilliseconds);

/// <summary>One step of a test.</summary>
/// <param name="Name"><c>discovery</c>, <c>keys</c>, <c>features</c>, <c>client</c>.</param>
/// <param name="Ok">It went well.</param>
/// <param name="Detail">What was found, or exactly what failed.</param>
public sealed record OpenIdTestStep(string Name, bool Ok, string Detail);
