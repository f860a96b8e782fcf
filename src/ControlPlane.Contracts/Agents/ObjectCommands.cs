namespace ControlPlane.Contracts.Agents;

/// <summary>Makes an image of a container (Engine API <c>POST /commit</c>); the result's body has its id.</summary>
public sealed record CommitContainer : ContainerCommand
{
    /// <summary>Repository; null = none.</summary>
    public string? Repository { get; init; }

    /// <summary>Tag; null = none.</summary>
    public string? Tag { get; init; }

    /// <summary>Message; null = none.</summary>
    public string? Comment { get; init; }

    /// <summary>Author; null = none.</summary>
    public string? Author { get; init; }

    /// <summary>Pause the container meanwhile.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Dockerfile instructions, one a line; null = none.</summary>
    public string? Changes { get; init; }

    /// <summary>The engine's body: a container configuration, rebuilt and admitted by the server; null = the container's own.</summary>
    public string? ConfigJson { get; init; }
}

/// <summary>Gives an image another name (Engine API <c>POST /images/{name}/tag</c>).</summary>
public sealed record TagImage : AgentCommand
{
    /// <summary>Reference or image id.</summary>
    public required string Reference { get; init; }

    /// <summary>New repository.</summary>
    public required string Repository { get; init; }

    /// <summary>New tag.</summary>
    public required string Tag { get; init; }
}

/// <summary>Removes an image or a name of it (Engine API <c>DELETE /images/{name}</c>); the result's body is the engine's list.</summary>
public sealed record RemoveImage : AgentCommand
{
    /// <summary>Reference or image id.</summary>
    public required string Reference { get; init; }

    /// <summary>Also when it has other names or stopped containers.</summary>
    public bool Force { get; init; }

    /// <summary>Keep untagged parents.</summary>
    public bool NoPrune { get; init; }
}

/// <summary>Empties the builder's cache (Engine API <c>POST /build/prune</c>); the result's body is the engine's.</summary>
public sealed record PruneBuildCache : AgentCommand
{
    /// <summary>Also what is in use.</summary>
    public bool All { get; init; }
}

/// <summary>Makes a volume (Engine API <c>POST /volumes/create</c>); the result's body is the engine's.</summary>
public sealed record CreateVolume : AgentCommand
{
    /// <summary>The engine's body, rebuilt and admitted by the server.</summary>
    public required string SpecJson { get; init; }
}

/// <summary>Removes a volume; already gone is done.</summary>
public sealed record RemoveVolume : AgentCommand
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Also when its driver does not answer.</summary>
    public bool Force { get; init; }
}

/// <summary>Makes a network (Engine API <c>POST /networks/create</c>); the result's body has its id.</summary>
public sealed record CreateNetwork : AgentCommand
{
    /// <summary>The engine's body, rebuilt and admitted by the server.</summary>
    public required string SpecJson { get; init; }
}

/// <summary>Removes a network; already gone is done.</summary>
public sealed record RemoveNetwork : AgentCommand
{
    /// <summary>Full id of the network.</summary>
    public required string NetworkId { get; init; }
}

/// <summary>Connects a container to a network.</summary>
public sealed record ConnectNetwork : ContainerCommand
{
    /// <summary>Full id of the network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>The engine's <c>EndpointSettings</c>, rebuilt and admitted by the server; null = none.</summary>
    public string? EndpointJson { get; init; }
}

/// <summary>Takes a container off a network.</summary>
public sealed record DisconnectNetwork : ContainerCommand
{
    /// <summary>Full id of the network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>Also when the container does not run properly.</summary>
    public bool Force { get; init; }
}
