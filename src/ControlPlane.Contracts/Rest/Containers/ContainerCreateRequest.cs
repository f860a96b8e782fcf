namespace ControlPlane.Contracts.Rest.Containers;

/// <summary>The body of <c>POST /api/v1/containers</c>. Only the image is required; what is left out is the image's or the engine's default.</summary>
public sealed record ContainerCreateRequest
{
    /// <summary>Name, unique in the cluster; made by the server when left out.</summary>
    public string? Name { get; init; }

    /// <summary>Image, <c>[registry/]repository[:tag][@digest]</c>, or an image id <c>sha256:…</c>.</summary>
    public string? Image { get; init; }

    /// <summary>Command, or the arguments of the entry point.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Entry point; an empty list takes away the image's.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Environment, name to value.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Labels; <c>controlplane.</c> is reserved.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Published ports.</summary>
    public IReadOnlyList<PortRequest>? Ports { get; init; }

    /// <summary>Mounts.</summary>
    public IReadOnlyList<MountRequest>? Mounts { get; init; }

    /// <summary>Networks to join; the first is the container's network mode.</summary>
    public IReadOnlyList<NetworkRequest>? Networks { get; init; }

    /// <summary><c>bridge</c>, <c>host</c>, <c>none</c>, <c>container:NAME</c> or a network; instead of <c>networks</c>.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>Containers to reach by an alias, <c>container[:alias]</c>; the container goes where they are.</summary>
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Containers whose volumes are mounted too, <c>container[:ro|:rw]</c>; the container goes where they are.</summary>
    public IReadOnlyList<string>? VolumesFrom { get; init; }

    /// <summary>Limits and reservations.</summary>
    public ResourcesRequest? Resources { get; init; }

    /// <summary>When the engine starts the container again.</summary>
    public RestartPolicyRequest? RestartPolicy { get; init; }

    /// <summary><c>user[:group]</c>, as names or numbers.</summary>
    public string? User { get; init; }

    /// <summary>Working directory, absolute.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>How the engine finds out whether the container is healthy.</summary>
    public HealthcheckRequest? Healthcheck { get; init; }

    /// <summary>Signal that asks the process to end: <c>SIGTERM</c> or a number.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between the stop signal and SIGKILL; -1 waits for ever.</summary>
    public int? StopTimeoutSeconds { get; init; }

    /// <summary>Host name inside the container.</summary>
    public string? Hostname { get; init; }

    /// <summary>Gives the process a terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary>Keeps standard input open.</summary>
    public bool? OpenStdin { get; init; }

    /// <summary>The root file system is read-only.</summary>
    public bool? ReadOnlyRootfs { get; init; }

    /// <summary>Run an init process that forwards signals and reaps.</summary>
    public bool? Init { get; init; }

    /// <summary>Resource limits of the processes.</summary>
    public IReadOnlyList<UlimitRequest>? Ulimits { get; init; }

    /// <summary>Log driver and its options.</summary>
    public LoggingRequest? Logging { get; init; }

    /// <summary>Kernel capabilities to add.</summary>
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Kernel capabilities to drop.</summary>
    public IReadOnlyList<string>? CapDrop { get; init; }

    /// <summary>All devices and capabilities of the host.</summary>
    public bool? Privileged { get; init; }

    /// <summary>Lines of /etc/hosts, <c>name:address</c>.</summary>
    public IReadOnlyList<string>? ExtraHosts { get; init; }

    /// <summary>Addresses of DNS servers.</summary>
    public IReadOnlyList<string>? Dns { get; init; }

    /// <summary>Conditions on nodes: <c>zone==a</c>.</summary>
    public IReadOnlyList<string>? Constraints { get; init; }

    /// <summary>Conditions on what the node holds: <c>container==db</c>, <c>image==nginx*</c>, <c>tier!=web</c> (a container label); <c>~</c> after the operator makes one soft.</summary>
    public IReadOnlyList<string>? Affinities { get; init; }

    /// <summary>What the image is built for, <c>linux/amd64</c>; taken from the image where a node has it when left out.</summary>
    public string? Platform { get; init; }

    /// <summary><c>off</c> (the default) or <c>on-node-failure</c>: run it on another node when its own has failed.</summary>
    public string? ReschedulePolicy { get; init; }

    /// <summary>Move it also when it uses named volumes that stay behind on the failed node; false when left out.</summary>
    public bool? RescheduleWithVolumes { get; init; }

    /// <summary>How to choose among the nodes: <c>spread</c>, <c>binpack</c> or <c>random</c>; the cluster's setting when left out.</summary>
    public string? Strategy { get; init; }

    /// <summary>Collection the container belongs to: <c>/Shared/Web</c>.</summary>
    public string? Collection { get; init; }

    /// <summary>Start the container; true when left out.</summary>
    public bool? Start { get; init; }

    /// <summary><c>missing</c> (when left out) or <c>never</c>.</summary>
    public string? Pull { get; init; }
}
