using ControlPlane.Engine.Images;

namespace ControlPlane.Core.Images;

/// <summary>A build by the classic builder.</summary>
/// <param name="Spec">The engine's parameters.</param>
/// <param name="BareArguments">Names of build arguments that come without a value.</param>
/// <param name="RegistryConfig">The engine's <c>X-Registry-Config</c>; used for this build only.</param>
public sealed record BuildRequest(BuildSpec Spec, IReadOnlyList<string> BareArguments, string? RegistryConfig)
{
    public override string ToString() => nameof(BuildRequest);
}
