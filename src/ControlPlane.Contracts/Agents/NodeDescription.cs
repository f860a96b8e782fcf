namespace ControlPlane.Contracts.Agents;

/// <summary>What an engine says about itself (Engine API <c>GET /info</c> and <c>GET /version</c>), and what its agent adds.</summary>
public sealed record NodeDescription
{
    /// <summary>The engine's own id.</summary>
    public required string EngineId { get; init; }

    /// <summary>Host name of the engine.</summary>
    public required string HostName { get; init; }

    /// <summary>Engine version, e.g. <c>20.10.24</c>.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>Newest Engine API version of the engine, e.g. <c>1.41</c>.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Oldest Engine API version of the engine.</summary>
    public required string MinApiVersion { get; init; }

    /// <summary>Operating system in words.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary><c>linux</c> or <c>windows</c>.</summary>
    public required string OsType { get; init; }

    /// <summary>Architecture as the engine writes it, e.g. <c>x86_64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Kernel version.</summary>
    public required string KernelVersion { get; init; }

    /// <summary>Storage driver, e.g. <c>overlay2</c>.</summary>
    public required string StorageDriver { get; init; }

    /// <summary>Usable CPUs.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Labels of the engine.</summary>
    public required IReadOnlyDictionary<string, string> EngineLabels { get; init; }

    /// <summary>What the host owner's policy file forbids, in words; empty when there is none.</summary>
    public IReadOnlyList<string> Policy { get; init; } = [];

    /// <summary>
    /// Where published ports of the node are reachable: an IP literal or a DNS name. Empty = the agent does not say; the server then takes what it sees of
    /// the session.
    /// </summary>
    public string Address
    {
        get;

        // An agent of before says nothing, which the serializer writes down as null.
        init => field = value ?? "";
    } = "";
}
