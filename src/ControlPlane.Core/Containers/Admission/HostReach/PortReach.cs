using System.Globalization;
using ControlPlane.Core.Access;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission.HostReach;

/// <summary>Ports of the host that are for its own services, and choosing one of its addresses.</summary>
internal static class PortReach
{
    private const int FirstFree = 1024;

    public static void Add(HostOptionList found, IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? ports)
    {
        foreach (var (port, bindings) in ports ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(0))
        {
            for (var i = 0; i < (bindings?.Count ?? 0); i++)
            {
                var field = $"{FieldErrors.Key("HostConfig.PortBindings", port)}[{i}]";
                found.AddIf(IsLow(bindings![i]?.HostPort), field + ".HostPort", Permission.HostPorts, $"publishes {port} on a port of the host below 1024");
                found.AddIf(!string.IsNullOrEmpty(bindings[i]?.HostIp), field + ".HostIp", Permission.HostPorts, $"publishes {port} on an address of the host's own");
            }
        }
    }

    /// <summary>Of a range its first; what cannot be read counts as low. Empty and 0 are a free port.</summary>
    private static bool IsLow(string? hostPort)
    {
        if (string.IsNullOrEmpty(hostPort) || hostPort == "0")
        {
            return false;
        }

        return !int.TryParse(hostPort.Split('-', 2)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) || first < FirstFree;
    }
}
