using ControlPlane.Agent.Engine;

namespace ControlPlane.Agent.Tunnels;

/// <summary>What becomes of a request: what goes to the engine, or why nothing does.</summary>
/// <param name="Request">The engine's request; null when refused.</param>
/// <param name="Refusal">The reason; empty when it may go.</param>
internal readonly record struct Routed(EngineRequest? Request, string Refusal)
{
    public static Routed Get(string path) => new(new EngineRequest("GET", path), "");

    public static Routed Post(string path) => new(new EngineRequest("POST", path), "");

    public static Routed As(EngineRequest request) => new(request, "");

    public static Routed Refuse(string reason) => new(null, reason);

    /// <summary>The request when there is no objection.</summary>
    /// <param name="objection">Why not; null = none.</param>
    public Routed Unless(string? objection) => objection is null ? this : Refuse(objection);
}
