namespace ControlPlane.Contracts.Rest.Volumes;

/// <summary>A new volume.</summary>
public sealed record VolumeCreateRequest
{
    /// <summary>2 to 255 letters, digits, <c>_ . -</c>; <c>node/name</c> makes it on that node only, else it is made on every node that may be used. Made when absent.</summary>
    public string? Name { get; init; }

    /// <summary>Driver; <c>local</c> when absent.</summary>
    public string? Driver { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? DriverOptions { get; init; }

    /// <summary>Labels; <c>com.docker.swarm.constraints</c> and <c>com.docker.swarm.whitelists</c> choose the nodes.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The collection it is to belong to; the default one when absent.</summary>
    public string? Collection { get; init; }
}

/// <summary>A volume that was made.</summary>
/// <param name="Name">Its name, the same on all its nodes.</param>
/// <param name="Nodes">Names of the nodes that have it.</param>
/// <param name="Failures">What went wrong on other nodes, a sentence each.</param>
public sealed record VolumeCreatedView(string Name, IReadOnlyList<string> Nodes, IReadOnlyList<string> Failures);
