namespace ControlPlane.Engine.Networks;

/// <summary>The body of <c>POST /networks/create</c> (Engine API v1.41).</summary>
public sealed record NetworkSpec
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Refuse a name that is taken.</summary>
    public bool? CheckDuplicate { get; init; }

    /// <summary>Driver; <c>bridge</c> when left out.</summary>
    public string? Driver { get; init; }

    /// <summary><c>local</c>, <c>swarm</c> or empty.</summary>
    public string? Scope { get; init; }

    /// <summary>No way out.</summary>
    public bool? Internal { get; init; }

    /// <summary>Containers may join it, not only services.</summary>
    public bool? Attachable { get; init; }

    /// <summary>The routing mesh of swarm mode.</summary>
    public bool? Ingress { get; init; }

    /// <summary>Only a template for others.</summary>
    public bool? ConfigOnly { get; init; }

    /// <summary>The template.</summary>
    public NetworkTemplate? ConfigFrom { get; init; }

    /// <summary>Addresses.</summary>
    public NetworkIpam? IPAM { get; init; }

    /// <summary>With IPv4 (API 1.47).</summary>
    public bool? EnableIPv4 { get; init; }

    /// <summary>With IPv6.</summary>
    public bool? EnableIPv6 { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>A network whose configuration is taken.</summary>
public sealed record NetworkTemplate
{
    /// <summary>Its name.</summary>
    public string? Network { get; init; }
}

/// <summary>How a network gives out addresses.</summary>
public sealed record NetworkIpam
{
    /// <summary>Driver; <c>default</c> when left out.</summary>
    public string? Driver { get; init; }

    /// <summary>The address ranges.</summary>
    public IReadOnlyList<NetworkRange>? Config { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}

/// <summary>An address range.</summary>
public sealed record NetworkRange
{
    /// <summary>The subnet, <c>10.1.0.0/24</c>.</summary>
    public string? Subnet { get; init; }

    /// <summary>The part containers get addresses from.</summary>
    public string? IPRange { get; init; }

    /// <summary>The gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>Addresses that are taken.</summary>
    public IReadOnlyDictionary<string, string>? AuxiliaryAddresses { get; init; }
}
