using System.Globalization;
using ControlPlane.Contracts.Agents;
using Docker.DotNet.Models;

namespace ControlPlane.Agent.Engine;

/// <summary>The engine's inspect, reduced to what the server keeps.</summary>
internal static class ContainerMapping
{
    // A report must stay far below the largest hub message, whatever somebody wrote into labels or arguments.
    private const int LargestCommand = 4096;
    private const int LargestLabels = 256 * 1024;
    private const int MostMounts = 500;

    public static ContainerReport ToReport(ContainerInspectResponse container)
    {
        var labels = CutLabels(container.Config?.Labels);
        var state = container.State;
        var host = container.HostConfig;
        var running = state?.Status is "running" or "paused";
        return new ContainerReport
        {
            EngineId = container.ID,
            ClusterId = labels.GetValueOrDefault(AgentProtocol.ClusterIdLabel),
            Name = (container.Name ?? "").TrimStart('/'),
            Image = container.Config?.Image ?? "",
            ImageId = container.Image ?? "",
            Command = ToCommand(container.Path, container.Args),
            CreatedAt = Utc(container.Created) ?? DateTime.UnixEpoch,
            State = state?.Status ?? "created",
            Health = state?.Health?.Status is { Length: > 0 } health and not "none" ? health : null,
            ExitCode = (int)(state?.ExitCode ?? 0),
            OomKilled = state?.OOMKilled ?? false,
            Error = state?.Error ?? "",
            StartedAt = Utc(state?.StartedAt),
            FinishedAt = running ? null : Utc(state?.FinishedAt),
            RestartCount = (int)container.RestartCount,
            Labels = labels,
            Ports = running ? LivePorts(container) : ConfiguredPorts(container),
            Networks = running ? Addresses(container) : [],
            Mounts = [.. (container.Mounts ?? []).Take(MostMounts).Select(ToText)],
            MemoryBytes = host?.Memory ?? 0,
            MemoryReservationBytes = host?.MemoryReservation ?? 0,
            NanoCpus = host?.NanoCPUs ?? 0,
            Tty = container.Config?.Tty ?? false,
            RestartPolicy = ToName(host?.RestartPolicy?.Name),
            NetworkMode = host?.NetworkMode ?? "",
            Endpoints = Endpoints(container),
            MountPoints = [.. (container.Mounts ?? []).Take(MostMounts).Select(ToMount)],
        };
    }

    /// <summary>The engine writes year 1 for "never".</summary>
    public static DateTime? Utc(DateTime? time) =>
        time is { Year: > 1 } at ? (at.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(at, DateTimeKind.Utc) : at.ToUniversalTime()) : null;

    /// <inheritdoc cref="Utc(DateTime?)"/>
    public static DateTime? Utc(string? time) =>
        DateTime.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at) ? Utc((DateTime?)at) : null;

    private static string ToCommand(string? path, IEnumerable<string>? arguments)
    {
        var command = string.Join(' ', new[] { path ?? "" }.Concat(arguments ?? []));
        return command.Length <= LargestCommand ? command : command[..LargestCommand] + "…";
    }

    private static string ToName(RestartPolicyKind? policy) => policy switch
    {
        RestartPolicyKind.Always => "always",
        RestartPolicyKind.OnFailure => "on-failure",
        RestartPolicyKind.UnlessStopped => "unless-stopped",
        _ => "no",
    };

    /// <summary>As many labels as fit.</summary>
    public static Dictionary<string, string> CutLabels(IEnumerable<KeyValuePair<string, string>>? labels, int largest = LargestLabels)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        var left = largest;
        // Our own labels first, so that a container that is all labels stays recognisable.
        foreach (var (key, value) in (labels ?? [])
            .OrderBy(label => !label.Key.StartsWith("controlplane.", StringComparison.Ordinal)))
        {
            left -= key.Length + (value?.Length ?? 0);
            if (left > 0)
            {
                result[key] = value ?? "";
            }
        }

        return result;
    }

    private static string ToText(MountPoint mount) =>
        $"{mount.Type}:{(mount.Type == "volume" && mount.Name is { Length: > 0 } name ? name : mount.Source)}:{mount.Destination}{(mount.RW ? "" : ":ro")}";

    private static Dictionary<string, string> Addresses(ContainerInspectResponse container)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, endpoint) in container.NetworkSettings?.Networks ?? new Dictionary<string, EndpointSettings>(StringComparer.Ordinal))
        {
            result[name] = endpoint?.IPAddress ?? "";
        }

        return result;
    }

    private static Dictionary<string, EndpointReport> Endpoints(ContainerInspectResponse container)
    {
        var result = new Dictionary<string, EndpointReport>(StringComparer.Ordinal);
        foreach (var (name, endpoint) in container.NetworkSettings?.Networks ?? new Dictionary<string, EndpointSettings>(StringComparer.Ordinal))
        {
            if (endpoint is not null)
            {
                result[name] = new EndpointReport(
                    endpoint.NetworkID ?? "", endpoint.EndpointID ?? "", endpoint.Gateway ?? "", endpoint.IPAddress ?? "", (int)endpoint.IPPrefixLen,
                    endpoint.MacAddress ?? "", [.. endpoint.Aliases ?? []]);
            }
        }

        return result;
    }

    private static MountReport ToMount(MountPoint mount) => new(
        mount.Type ?? "", mount.Name ?? "", mount.Source ?? "", mount.Destination ?? "", mount.Driver ?? "", mount.Mode ?? "", mount.RW, mount.Propagation ?? "");

    private static List<PortReport> LivePorts(ContainerInspectResponse container)
    {
        var live = ToPorts(container.NetworkSettings?.Ports);
        // Host networking publishes nothing, but what it exposes is still worth showing.
        return live.Count > 0 ? live : ConfiguredPorts(container);
    }

    private static List<PortReport> ConfiguredPorts(ContainerInspectResponse container)
    {
        var ports = ToPorts(container.HostConfig?.PortBindings);
        foreach (var exposed in container.Config?.ExposedPorts?.Keys ?? [])
        {
            if (TryPort(exposed, out var port, out var protocol) && !ports.Exists(known => known.ContainerPort == port && known.Protocol == protocol))
            {
                ports.Add(new PortReport(port, protocol, "", 0));
            }
        }

        return ports;
    }

    private static List<PortReport> ToPorts(IDictionary<string, IList<PortBinding>>? ports)
    {
        var result = new List<PortReport>();
        foreach (var (key, bindings) in ports ?? new Dictionary<string, IList<PortBinding>>(StringComparer.Ordinal))
        {
            if (!TryPort(key, out var port, out var protocol))
            {
                continue;
            }

            if (bindings is null or { Count: 0 })
            {
                result.Add(new PortReport(port, protocol, "", 0));
                continue;
            }

            foreach (var binding in bindings)
            {
                var hostPort = int.TryParse(binding.HostPort, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
                result.Add(new PortReport(port, protocol, binding.HostIP is "0.0.0.0" or "::" ? "" : binding.HostIP ?? "", hostPort));
            }
        }

        // "All addresses" comes twice, once for IPv4 and once for IPv6.
        return [.. result.Distinct()];
    }

    private static bool TryPort(string text, out int port, out string protocol)
    {
        var parts = text.Split('/');
        protocol = parts.Length > 1 ? parts[1] : "tcp";
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }
}
