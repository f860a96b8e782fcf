namespace ControlPlane.Lab;

/// <summary>What a lab is made of.</summary>
public sealed record LabOptions
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> NoLabels = [];

    public required string Directory { get; init; }

    /// <summary>Private engines; 0 takes the machine's own engine as the only node.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Labels by node name; they become labels of the engine and travel in the join token.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> NodeLabels { get; init; } = NoLabels;

    /// <summary>0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>0 leaves the Docker endpoint's port to the server.</summary>
    public int DockerPort { get; init; }

    /// <summary>"SQLITE" or a connection string of PostgreSQL.</summary>
    public string Database { get; init; } = "SQLITE";

    public string? PublicUrl { get; init; }

    public string ServerDll { get; init; } = Repository.ServerDll;

    public string AgentBinary { get; init; } = Repository.AgentBinary;

    /// <summary>False: engines only, no server and no agents.</summary>
    public bool WithControlPlane { get; init; } = true;

    /// <summary>Lets the private engines reach what the machine reaches, to pull images.</summary>
    public bool OutsideAccess { get; init; }

    /// <summary>The engine to use when <see cref="Nodes"/> is 0.</summary>
    public string MachineEngineSocket { get; init; } = "/var/run/docker.sock";

    /// <summary>Further settings of the server, as <c>--Section:Key</c>, <c>value</c>, ….</summary>
    public IReadOnlyList<string> ServerArguments { get; init; } = [];

    public IReadOnlyList<string> AgentArguments { get; init; } = [];

    internal IReadOnlyDictionary<string, string> LabelsOf(string node) =>
        NodeLabels.TryGetValue(node, out var labels) ? labels : new Dictionary<string, string>();
}
