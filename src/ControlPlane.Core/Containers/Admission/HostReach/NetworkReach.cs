using System.Net;
using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Networks;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Networks that bind an interface of the host or take over its routes.</summary>
internal static class NetworkReach
{
    private static readonly string[] HarmlessOptions =
    [
        "com.docker.network.driver.mtu", "com.docker.network.bridge.enable_icc", "com.docker.network.bridge.enable_ip_masquerade",
        "com.docker.network.enable_ipv4", "com.docker.network.enable_ipv6", "encrypted",
    ];

    // A route to one of these is no route to the world.
    private static readonly IPNetwork[] Private =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7")];

    public static void Add(HostOptionList found, NetworkSpec spec)
    {
        found.AddIf(spec.Driver is not (null or "" or "bridge" or "overlay"), "Driver", Permission.HostNetwork, "makes a network by a driver that uses an interface of the host");
        found.Each(
            spec.Options, "Options", Permission.HostNetwork, "binds the network to an interface or address of the host",
            (key, _) => !HarmlessOptions.Contains(key, StringComparer.Ordinal));
        found.AddIf(spec.ConfigFrom is not null, "ConfigFrom", Permission.HostNetwork, "takes options of another network that are not checked here");
        found.AddIf(spec.Ingress == true, "Ingress", Permission.HostNetwork, "replaces the routing mesh");
        found.AddIf(spec.IPAM?.Driver is not (null or "" or "default"), "IPAM.Driver", Permission.HostNetwork, "lets a plugin choose addresses");
        found.Each(spec.IPAM?.Options, "IPAM.Options", Permission.HostNetwork, "tells a plugin how to choose addresses");
        found.Each(
            spec.IPAM?.Config, "IPAM.Config", Permission.HostNetwork, "takes addresses that are not private, so the host would not reach their owners",
            range => !IsPrivate(range?.Subnet));
    }

    public static void Add(HostOptionList found, string field, EndpointSettings? endpoint) => found.Each(
        endpoint?.DriverOpts,
        field + ".DriverOpts",
        Permission.HostNetwork,
        "sets options of the network driver, kernel parameters among them");

    private static bool IsPrivate(string? subnet) =>
        string.IsNullOrEmpty(subnet)
        || (IPNetwork.TryParse(subnet, out var network)
            && Private.Any(range => range.BaseAddress.AddressFamily == network.BaseAddress.AddressFamily
                && range.PrefixLength <= network.PrefixLength && range.Contains(network.BaseAddress)));
}
