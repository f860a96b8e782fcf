using System.Text.Json.Serialization;
using ControlPlane.Engine.Json;

namespace ControlPlane.Engine.Containers;

/// <summary>The body of <c>POST /containers/create</c> (Engine API v1.41): the container's configuration with its host and network part. What is null is not sent and left to the image and the engine.</summary>
public sealed record ContainerSpec
{
    /// <summary>Host name inside the container, at most 63 characters.</summary>
    public string? Hostname { get; init; }

    /// <summary>Domain name inside the container.</summary>
    public string? Domainname { get; init; }

    /// <summary>User, or user and group, as name or number: <c>name[:group]</c>.</summary>
    public string? User { get; init; }

    /// <summary>The creator attaches to standard input.</summary>
    public bool? AttachStdin { get; init; }

    /// <summary>The creator attaches to standard output.</summary>
    public bool? AttachStdout { get; init; }

    /// <summary>The creator attaches to standard error.</summary>
    public bool? AttachStderr { get; init; }

    /// <summary>Ports the container listens on, keyed <c>80/tcp</c>.</summary>
    public IReadOnlyDictionary<string, EmptyObject?>? ExposedPorts { get; init; }

    /// <summary>Gives the process a terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary>Keeps standard input open.</summary>
    public bool? OpenStdin { get; init; }

    /// <summary>Closes standard input when the first attached client leaves.</summary>
    public bool? StdinOnce { get; init; }

    /// <summary>Environment, <c>NAME=value</c>; <c>NAME</c> alone removes a variable of the image.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The command, or the arguments of the entry point.</summary>
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>How the engine finds out whether the container is healthy.</summary>
    public HealthcheckSpec? Healthcheck { get; init; }

    /// <summary>Windows: the command is already escaped.</summary>
    public bool? ArgsEscaped { get; init; }

    /// <summary>Reference or id of the image.</summary>
    public string? Image { get; init; }

    /// <summary>Anonymous volumes, keyed by path in the container.</summary>
    public IReadOnlyDictionary<string, EmptyObject?>? Volumes { get; init; }

    /// <summary>Working directory of the process, absolute.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>The entry point; an empty list or <c>[""]</c> takes away the image's.</summary>
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>No network at all.</summary>
    public bool? NetworkDisabled { get; init; }

    /// <summary>MAC address on the first network.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Build triggers; only meaningful in images.</summary>
    public IReadOnlyList<string>? OnBuild { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that asks the process to end, by name or number.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between the stop signal and SIGKILL; -1 waits for ever.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>Shell of the shell forms of commands.</summary>
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>What depends on, or reaches into, the host.</summary>
    public HostConfig? HostConfig { get; init; }

    /// <summary>The networks to join at the start.</summary>
    public NetworkingConfig? NetworkingConfig { get; init; }
}
