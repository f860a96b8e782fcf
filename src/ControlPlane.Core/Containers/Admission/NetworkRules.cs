using System.Net;
using System.Net.Sockets;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Networks, network mode, and what goes with a network mode only.</summary>
internal static class NetworkRules
{
    private const int MaxNetworks = 32;
    private const int MaxAliases = 64;
    private const int MaxName = 128;

    /// <summary>The networks in the order asked for; the first is the one the engine gets with the create.</summary>
    public static IReadOnlyList<KeyValuePair<string, EndpointSettings>> Admit(FieldErrors errors, ContainerCreateRequest request)
    {
        Mode(errors, request);
        var networks = request.Networks ?? [];
        if (!errors.Require(networks.Count <= MaxNetworks, "networks", "must not have more than 32 entries"))
        {
            return [];
        }

        var endpoints = new List<KeyValuePair<string, EndpointSettings>>(networks.Count);
        for (var i = 0; i < networks.Count; i++)
        {
            var field = $"networks[{i}]";
            if (errors.Require(networks[i] is not null, field, "must not be null") && One(errors, field, networks[i]) is { } endpoint)
            {
                errors.Require(!endpoints.Exists(e => e.Key == endpoint.Key), field + ".name", "is given more than once");
                endpoints.Add(endpoint);
            }
        }

        errors.Require(
            endpoints.Count == 0 || request.NetworkMode is null || request.NetworkMode == endpoints[0].Key,
            "networkMode",
            "must not be given together with networks, unless it is the first of them");
        errors.Require(endpoints.Count < 2 || !endpoints.Exists(e => e.Key is "host" or "none"), "networks", "must not have others beside 'host' or 'none'");
        return endpoints;
    }

    private static void Mode(FieldErrors errors, ContainerCreateRequest request)
    {
        var mode = request.NetworkMode ?? (request.Networks is [{ Name: { } first }, ..] ? first : null);
        if (mode is null)
        {
            return;
        }

        if (mode.StartsWith("container:", StringComparison.Ordinal))
        {
            const string Own = "cannot be given when the network is another container's";
            errors.Require(IsContainer(mode["container:".Length..]), "networkMode", "must be 'container:' and the name or full id of a container");
            errors.Require(request.Ports is not { Count: > 0 }, "ports", Own);
            errors.Require(request.Hostname is null, "hostname", Own);
            errors.Require(request.Links is not { Count: > 0 }, "links", Own);
            errors.Require(request.ExtraHosts is not { Count: > 0 }, "extraHosts", Own);
            errors.Require(request.Dns is not { Count: > 0 }, "dns", Own);
            return;
        }

        if (request.NetworkMode is not null)
        {
            errors.Require(IsName(mode), "networkMode", "must be 'bridge', 'host', 'none' or the name of a network");
        }

        errors.Require(mode is not ("host" or "none") || request.Ports is not { Count: > 0 }, "ports", $"cannot be published in network mode '{mode}'");
    }

    private static KeyValuePair<string, EndpointSettings>? One(FieldErrors errors, string field, NetworkRequest network)
    {
        if (network.Name is null || !IsName(network.Name))
        {
            errors.Add(field + ".name", network.Name is null ? "is required" : "must be the name or id of a network");
            return null;
        }

        var builtIn = network.Name is "bridge" or "host" or "none" or "default";
        errors.Require(!builtIn || network.Aliases is not { Count: > 0 }, field + ".aliases", $"are not supported in network '{network.Name}'");
        errors.Require(!builtIn || network.Ipv4Address is null, field + ".ipv4Address", $"cannot be chosen in network '{network.Name}'");
        errors.Require(network.Aliases is null || network.Aliases.Count <= MaxAliases, field + ".aliases", "must not have more than 64 entries");
        for (var i = 0; i < Math.Min(network.Aliases?.Count ?? 0, MaxAliases); i++)
        {
            errors.Require(HostName.IsDnsName(network.Aliases![i]), $"{field}.aliases[{i}]", "must be a host name");
        }

        errors.Require(
            network.Ipv4Address is null
            || (PortPublication.TryParseAddress(network.Ipv4Address, out var address) && IPAddress.Parse(address).AddressFamily == AddressFamily.InterNetwork),
            field + ".ipv4Address",
            "must be an IPv4 address");
        return new(network.Name, new EndpointSettings
        {
            Aliases = network.Aliases is { Count: > 0 } ? network.Aliases : null,
            IPAMConfig = network.Ipv4Address is null ? null : new EndpointIpam { IPv4Address = network.Ipv4Address },
        });
    }

    /// <summary>A container's name or full id, as the engine or the cluster knows it.</summary>
    internal static bool IsContainer(string name) => ContainerName.IsValid(name) || (name.Length == 64 && name.All(char.IsAsciiHexDigitLower));

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
