namespace ControlPlane.Contracts.Rest.Containers;

/// <summary>The body of <c>PATCH /api/v1/containers/{id}</c>: what is left out stays.</summary>
public sealed record ContainerUpdateRequest
{
    /// <summary>Memory limit in bytes, at least 6 MiB.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Reserved memory in bytes, at most the limit.</summary>
    public long? MemoryReservationBytes { get; init; }

    /// <summary>CPU limit in billionths of a CPU.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Processes at most; -1 is unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>When the engine starts the container again.</summary>
    public RestartPolicyRequest? RestartPolicy { get; init; }
}

/// <summary>The body of <c>POST /api/v1/containers/{id}/rename</c>.</summary>
public sealed record ContainerRenameRequest
{
    /// <summary>The new name, unique in the cluster.</summary>
    public string? Name { get; init; }
}
