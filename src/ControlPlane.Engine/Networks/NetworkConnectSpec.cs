using ControlPlane.Engine.Containers;

namespace ControlPlane.Engine.Networks;

/// <summary>The body of <c>POST /networks/{id}/connect</c> (Engine API v1.41).</summary>
public sealed record NetworkConnectSpec
{
    /// <summary>The container.</summary>
    public string? Container { get; init; }

    /// <summary>Its place in the network.</summary>
    public EndpointSettings? EndpointConfig { get; init; }
}
