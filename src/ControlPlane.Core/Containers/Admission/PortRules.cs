using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>Published ports.</summary>
internal static class PortRules
{
    private const int MaxPorts = 256;
    private const string NotAPort = "must be a port, 1 to 65535";

    public static PublishedPorts? Admit(FieldErrors errors, IReadOnlyList<PortRequest>? ports)
    {
        if (ports is not { Count: > 0 } || !errors.Require(ports.Count <= MaxPorts, "ports", "must not have more than 256 entries"))
        {
            return null;
        }

        var exposed = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        var bindings = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        var taken = new List<HostPort>();
        for (var i = 0; i < ports.Count; i++)
        {
            var field = $"ports[{i}]";
            if (!errors.Require(ports[i] is not null, field, "must not be null")
                || One(errors, field, ports[i], taken) is not { } publication)
            {
                continue;
            }

            var key = publication.Port.ToString();
            exposed[key] = new EmptyObject();
            var binding = new PortBinding
            {
                HostIp = publication.HostIp,
                HostPort = publication.HostPort?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
            };
            bindings[key] = [.. bindings.GetValueOrDefault(key) ?? [], binding];
        }

        return new PublishedPorts(exposed, bindings);
    }

    private static PortPublication? One(FieldErrors errors, string field, PortRequest port, List<HostPort> taken)
    {
        var protocol = port.Protocol ?? ContainerPort.DefaultProtocol;
        string? address = null;
        var good = port.ContainerPort is null
            ? errors.Require(false, field + ".containerPort", "is required")
            : errors.Require(PortNumber.IsValid(port.ContainerPort.Value), field + ".containerPort", NotAPort);
        good &= errors.Require(port.HostPort is null || PortNumber.IsValid(port.HostPort.Value), field + ".hostPort", NotAPort);
        good &= errors.Require(ContainerPort.IsProtocol(protocol), field + ".protocol", "must be 'tcp', 'udp' or 'sctp'");
        good &= errors.Require(
            port.HostIp is null || PortPublication.TryParseAddress(port.HostIp, out address),
            field + ".hostIp",
            "must be an IPv4 or IPv6 address");
        if (!good)
        {
            return null;
        }

        if (port.HostPort is { } number)
        {
            var wanted = new HostPort(number, protocol, address);
            if (!errors.Require(!taken.Exists(wanted.Overlaps), field + ".hostPort", $"is published twice ({number}/{protocol})"))
            {
                return null;
            }

            taken.Add(wanted);
        }

        return new PortPublication(address, port.HostPort, new ContainerPort(port.ContainerPort!.Value, protocol));
    }

    internal sealed record PublishedPorts(
        IReadOnlyDictionary<string, EmptyObject?> Exposed,
        IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Bindings);
}
