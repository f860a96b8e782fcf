using System.Globalization;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Containers as the engine lists them, written from the snapshot.</summary>
internal static class ContainerDocuments
{
    /// <summary>One entry of <c>GET /containers/json</c>; the name says the node, as classic Swarm's did.</summary>
    public static void WriteListed(Utf8JsonWriter json, ContainerRecord container, NodeRecord? node, string status)
    {
        var seen = container.Observed;
        json.WriteStartObject();
        json.WriteString("Id", container.EngineId ?? container.Id);
        json.WriteStartArray("Names");
        json.WriteStringValue($"/{node?.Name ?? container.NodeId}/{container.Name}");
        json.WriteEndArray();
        json.WriteString("Image", container.Image);
        json.WriteString("ImageID", seen?.ImageId ?? "");
        json.WriteString("Command", seen?.Command ?? "");
        json.WriteNumber("Created", new DateTimeOffset(seen?.CreatedAt ?? container.CreatedAt, TimeSpan.Zero).ToUnixTimeSeconds());
        json.WriteStartArray("Ports");
        foreach (var port in PublishedPorts.At(node?.Ip, seen?.Ports ?? []))
        {
            WritePort(json, port);
        }

        json.WriteEndArray();
        json.WriteStartObject("Labels");
        foreach (var (key, value) in seen?.Labels ?? container.Intent?.Labels ?? new Dictionary<string, string>(0))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteString("State", StateOf(container));
        json.WriteString("Status", status);
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", seen?.NetworkMode is { Length: > 0 } mode ? mode : "default");
        json.WriteEndObject();
        json.WriteStartObject("NetworkSettings");
        json.WriteStartObject("Networks");
        foreach (var (name, endpoint) in seen?.Endpoints ?? new Dictionary<string, EndpointReport>(0))
        {
            WriteEndpoint(json, name, endpoint);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("Mounts");
        foreach (var mount in seen?.MountPoints ?? [])
        {
            WriteMount(json, mount);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Such as <c>Up 3 minutes</c>.</summary>
    public static string StatusOf(ContainerRecord container, NodeRecord? node, DateTime now) =>
        node is { State: NodeState.Ready } ? StatusText.Of(container, now) : $"Host {(node?.State.ToString() ?? "gone")}";

    /// <summary>States that are only ours look like the engine's nearest.</summary>
    public static string StateOf(ContainerRecord container) => container.State == "creating" ? "created" : container.State;

    /// <summary>The <c>Node</c> of an inspect, as classic Swarm had it.</summary>
    public static void WriteNode(Utf8JsonWriter json, NodeRecord node)
    {
        json.WriteStartObject();
        json.WriteString("ID", node.Description?.EngineId ?? node.Id);
        json.WriteString("IP", node.Ip);
        json.WriteString("Addr", node.AddressOrName);
        json.WriteString("Name", node.Name);
        json.WriteNumber("Cpus", node.Description?.Cpus ?? 0);
        json.WriteNumber("Memory", node.Description?.MemoryBytes ?? 0);
        json.WriteStartObject("Labels");
        foreach (var (key, value) in node.Labels)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter json, PortReport port)
    {
        json.WriteStartObject();
        if (port.HostPort > 0)
        {
            json.WriteString("IP", port.HostIp is { Length: > 0 } ip ? ip : "0.0.0.0");
        }

        json.WriteNumber("PrivatePort", port.ContainerPort);
        if (port.HostPort > 0)
        {
            json.WriteNumber("PublicPort", port.HostPort);
        }

        json.WriteString("Type", port.Protocol);
        json.WriteEndObject();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, string name, EndpointReport endpoint)
    {
        json.WriteStartObject(name);
        json.WriteNull("IPAMConfig");
        json.WriteNull("Links");
        json.WriteStartArray("Aliases");
        foreach (var alias in endpoint.Aliases)
        {
            json.WriteStringValue(alias);
        }

        json.WriteEndArray();
        json.WriteString("NetworkID", endpoint.NetworkId);
        json.WriteString("EndpointID", endpoint.EndpointId);
        json.WriteString("Gateway", endpoint.Gateway);
        json.WriteString("IPAddress", endpoint.IpAddress);
        json.WriteNumber("IPPrefixLen", endpoint.PrefixLength);
        json.WriteString("IPv6Gateway", "");
        json.WriteString("GlobalIPv6Address", "");
        json.WriteNumber("GlobalIPv6PrefixLen", 0);
        json.WriteString("MacAddress", endpoint.MacAddress);
        json.WriteNull("DriverOpts");
        json.WriteEndObject();
    }

    private static void WriteMount(Utf8JsonWriter json, MountReport mount)
    {
        json.WriteStartObject();
        json.WriteString("Type", mount.Type);
        if (mount.Name.Length > 0)
        {
            json.WriteString("Name", mount.Name);
        }

        json.WriteString("Source", mount.Source);
        json.WriteString("Destination", mount.Destination);
        if (mount.Driver.Length > 0)
        {
            json.WriteString("Driver", mount.Driver);
        }

        json.WriteString("Mode", mount.Mode);
        json.WriteBoolean("RW", mount.Writable);
        json.WriteString("Propagation", mount.Propagation);
        json.WriteEndObject();
    }
}

/// <summary>The status column of <c>docker ps</c>, in the engine's words.</summary>
internal static class StatusText
{
    public static string Of(ContainerRecord container, DateTime now)
    {
        var seen = container.Observed;
        return container.State switch
        {
            "creating" => "Creating",
            "removing" => "Removal In Progress",
            "running" when seen is not null => $"Up {Ago(now - seen.StartedAt)}{Health(seen.Health)}",
            "paused" when seen is not null => $"Up {Ago(now - seen.StartedAt)} (Paused)",
            "restarting" when seen is not null => string.Create(CultureInfo.InvariantCulture, $"Restarting ({seen.ExitCode}) {Ago(now - seen.FinishedAt)} ago"),
            "exited" when seen is not null => string.Create(CultureInfo.InvariantCulture, $"Exited ({seen.ExitCode}) {Ago(now - seen.FinishedAt)} ago"),
            "created" => "Created",
            "dead" => "Dead",
            var other => other,
        };
    }

    private static string Health(string? health) => health switch
    {
        null => "",
        "starting" => " (health: starting)",
        _ => $" ({health})",
    };

    /// <summary>As the engine's clients round it.</summary>
    internal static string Ago(TimeSpan? age)
    {
        var time = age is { Ticks: > 0 } positive ? positive : TimeSpan.Zero;
        var hours = (int)Math.Round(time.TotalHours);
        return time switch
        {
            { TotalSeconds: < 1 } => "Less than a second",
            { TotalSeconds: < 2 } => "1 second",
            { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds} seconds"),
            { TotalMinutes: < 2 } => "About a minute",
            { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} minutes"),
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => string.Create(CultureInfo.InvariantCulture, $"{hours} hours"),
            _ when hours < 24 * 7 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24} days"),
            _ when hours < 24 * 30 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 7} weeks"),
            _ when hours < 24 * 365 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 30} months"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours / 24 / 365} years"),
        };
    }
}
