namespace ControlPlane.Engine.Containers;

/// <summary>The networks a container joins when it is created.</summary>
public sealed record NetworkingConfig
{
    /// <summary>Keyed by name or id of the network. Engines before API 1.44 accept one entry only.</summary>
    public IReadOnlyDictionary<string, EndpointSettings?>? EndpointsConfig { get; init; }
}

/// <summary>A container's place in a network. From <see cref="NetworkID"/> on the members are the engine's answers; clients send them empty.</summary>
public sealed record EndpointSettings
{
    /// <summary>Wanted addresses.</summary>
    public EndpointIpam? IPAMConfig { get; init; }

    /// <summary>Links, <c>container:alias</c>.</summary>
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Additional DNS names in this network.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Options of the network driver.</summary>
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    /// <summary>Wanted or actual MAC address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Priority as default gateway (API 1.48).</summary>
    public int? GwPriority { get; init; }

    /// <summary>Id of the network.</summary>
    public string? NetworkID { get; init; }

    /// <summary>Id of the endpoint.</summary>
    public string? EndpointID { get; init; }

    /// <summary>IPv4 gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>IPv4 address.</summary>
    public string? IPAddress { get; init; }

    /// <summary>Length of the IPv4 prefix.</summary>
    public int? IPPrefixLen { get; init; }

    /// <summary>IPv6 gateway.</summary>
    public string? IPv6Gateway { get; init; }

    /// <summary>IPv6 address.</summary>
    public string? GlobalIPv6Address { get; init; }

    /// <summary>Length of the IPv6 prefix.</summary>
    public int? GlobalIPv6PrefixLen { get; init; }

    /// <summary>Names the container answers to (API 1.44).</summary>
    public IReadOnlyList<string>? DNSNames { get; init; }
}

/// <summary>Addresses wanted in a network.</summary>
public sealed record EndpointIpam
{
    /// <summary>IPv4 address.</summary>
    public string? IPv4Address { get; init; }

    /// <summary>IPv6 address.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>Link-local addresses.</summary>
    public IReadOnlyList<string>? LinkLocalIPs { get; init; }
}
