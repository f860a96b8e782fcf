namespace ControlPlane.Contracts.Rest.Networks;

/// <summary>A new network.</summary>
public sealed record NetworkCreateRequest
{
    /// <summary>1 to 255 letters, digits, <c>_ . -</c>, unique in the cluster; <c>node/name</c> chooses the node.</summary>
    public string? Name { get; init; }

    /// <summary>Driver; <c>bridge</c> when absent.</summary>
    public string? Driver { get; init; }

    /// <summary>No way out.</summary>
    public bool? Internal { get; init; }

    /// <summary>Containers may join it, not only services; of networks that reach over nodes.</summary>
    public bool? Attachable { get; init; }

    /// <summary>With IPv6.</summary>
    public bool? EnableIpv6 { get; init; }

    /// <summary>Address ranges; the engine chooses when absent.</summary>
    public IReadOnlyList<NetworkRangeRequest>? Ranges { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>Labels; <c>com.docker.swarm.constraints</c> and <c>com.docker.swarm.whitelists</c> choose the node.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The collection it is to belong to; the default one when absent.</summary>
    public string? Collection { get; init; }
}

/// <summary>An address range of a network.</summary>
public sealed record NetworkRangeRequest
{
    /// <summary>The subnet, <c>10.1.0.0/24</c>.</summary>
    public string? Subnet { get; init; }

    /// <summary>The part containers get addresses from.</summary>
    public string? IpRange { get; init; }

    /// <summary>The gateway.</summary>
    public string? Gateway { get; init; }
}

/// <summary>A network that was made.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="Name">Unique in the cluster: <c>node/name</c> when it ends at its node.</param>
/// <param name="Node">Name of its node.</param>
/// <param name="Collection">Where it belongs.</param>
/// <param name="Warning">The engine's; may be empty.</param>
public sealed record NetworkCreatedView(string Id, string Name, string Node, string Collection, string Warning);

/// <summary>A container that joins a network.</summary>
public sealed record NetworkConnectRequest
{
    /// <summary>Id or name of the container.</summary>
    public string? Container { get; init; }

    /// <summary>Further names of the container in the network.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Its address; the engine chooses when absent.</summary>
    public string? Ipv4Address { get; init; }

    /// <summary>Its IPv6 address.</summary>
    public string? Ipv6Address { get; init; }
}

/// <summary>A container that leaves a network.</summary>
public sealed record NetworkDisconnectRequest
{
    /// <summary>Id or name of the container.</summary>
    public string? Container { get; init; }

    /// <summary>Also when it does not run properly.</summary>
    public bool? Force { get; init; }
}
