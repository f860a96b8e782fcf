namespace ControlPlane.Engine.Containers;

/// <summary>The body of <c>POST /containers/{id}/update</c> (Engine API v1.41).</summary>
public sealed record UpdateSpec : ResourceSettings
{
    /// <summary>When the engine starts the container again.</summary>
    public RestartPolicy? RestartPolicy { get; init; }
}
