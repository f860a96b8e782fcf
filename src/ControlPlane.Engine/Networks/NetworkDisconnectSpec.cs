namespace ControlPlane.Engine.Networks;

/// <summary>The body of <c>POST /networks/{id}/disconnect</c> (Engine API v1.41).</summary>
public sealed record NetworkDisconnectSpec
{
    /// <summary>The container.</summary>
    public string? Container { get; init; }

    /// <summary>Also when the container does not run properly.</summary>
    public bool? Force { get; init; }
}
