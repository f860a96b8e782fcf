using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>The allow-list: which requests may go to the engine, and as what. Nothing of the server's text reaches the engine unchecked.</summary>
internal static class TunnelRoute
{
    /// <param name="request">What the server asks for.</param>
    /// <param name="rules">The host owner's policy.</param>
    /// <param name="api">The engine's API version in use.</param>
    public static Routed Of(TunnelRequest request, PolicyRules rules, Version api) =>
        ContainerRoutes.Of(request, rules, api) ?? ExecRoutes.Of(request, rules, api) ?? ImageRoutes.Of(request) ?? request switch
        {
            BuildImage build => BuildRoute.Of(build, rules),
            InspectNetwork network => Routed.Get($"networks/{network.NetworkId}?verbose={RouteText.Flag(network.Verbose)}").Unless(RouteText.Id(network.NetworkId)),
            InspectVolume volume => Routed.Get($"volumes/{volume.Name}").Unless(RouteText.Volume(volume.Name)),
            DiskUsage => Routed.Get("system/df"),
            PastEvents events => Routed.Get($"events?since={RouteText.UnixTime(events.SinceNano)}&until={RouteText.UnixTime(events.UntilNano)}")
                .Unless(events.SinceNano < 0 || events.UntilNano < events.SinceNano ? "The times are not in order." : null),
            _ => Routed.Refuse("This agent does not let such a request through."),
        };
}
