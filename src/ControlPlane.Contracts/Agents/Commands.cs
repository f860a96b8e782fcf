using System.Text.Json.Serialization;

namespace ControlPlane.Contracts.Agents;

/// <summary>
/// Carries a command. SignalR writes arguments by their runtime type, which would lose the discriminator of a derived
/// record; as a property the declared type counts.
/// </summary>
/// <param name="Command">The command.</param>
public sealed record CommandEnvelope(AgentCommand Command);

/// <summary>
/// A typed change of one engine. Commands are idempotent by <see cref="Id"/>: the agent answers a repeated one with the first result,
/// and <see cref="CreateContainer"/> is idempotent by cluster id also across restarts of the agent.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CreateContainer), "create")]
[JsonDerivedType(typeof(StartContainer), "start")]
[JsonDerivedType(typeof(StopContainer), "stop")]
[JsonDerivedType(typeof(RestartContainer), "restart")]
[JsonDerivedType(typeof(KillContainer), "kill")]
[JsonDerivedType(typeof(PauseContainer), "pause")]
[JsonDerivedType(typeof(UnpauseContainer), "unpause")]
[JsonDerivedType(typeof(RenameContainer), "rename")]
[JsonDerivedType(typeof(UpdateContainer), "update")]
[JsonDerivedType(typeof(RemoveContainer), "remove")]
[JsonDerivedType(typeof(PullImage), "pull")]
[JsonDerivedType(typeof(CommitContainer), "container.commit")]
[JsonDerivedType(typeof(TagImage), "image.tag")]
[JsonDerivedType(typeof(RemoveImage), "image.remove")]
[JsonDerivedType(typeof(PruneBuildCache), "build.prune")]
[JsonDerivedType(typeof(CreateVolume), "volume.create")]
[JsonDerivedType(typeof(RemoveVolume), "volume.remove")]
[JsonDerivedType(typeof(CreateNetwork), "network.create")]
[JsonDerivedType(typeof(RemoveNetwork), "network.remove")]
[JsonDerivedType(typeof(ConnectNetwork), "network.connect")]
[JsonDerivedType(typeof(DisconnectNetwork), "network.disconnect")]
public abstract record AgentCommand
{
    /// <summary>Unique id of the command.</summary>
    public required string Id { get; init; }

    /// <summary>How long the agent may work on it, in milliseconds; the engine call is abandoned afterwards.</summary>
    public required int DeadlineMilliseconds { get; init; }
}

/// <summary>Makes sure a container exists (looked up by its cluster id label first) and, if asked, runs.</summary>
public sealed record CreateContainer : AgentCommand
{
    /// <summary>The container's cluster id, also in the spec's labels.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Name on the engine.</summary>
    public required string Name { get; init; }

    /// <summary>Body of Engine API <c>POST /containers/create</c>, rebuilt and admitted by the server.</summary>
    public required string SpecJson { get; init; }

    /// <summary>Networks to connect after the create and before the start: engines before API 1.44 take one with the create.</summary>
    public IReadOnlyList<NetworkConnection> FurtherNetworks { get; init; } = [];

    /// <summary>Image to pull when the engine does not have it; null = never pull.</summary>
    public string? PullImage { get; init; }

    /// <summary>Start it too.</summary>
    public required bool Start { get; init; }
}

/// <summary>One more network of a new container.</summary>
/// <param name="Network">Name or id.</param>
/// <param name="EndpointJson">The engine's <c>EndpointSettings</c>, rebuilt and admitted by the server.</param>
public sealed record NetworkConnection(string Network, string EndpointJson);

/// <summary>A command about a container that exists.</summary>
public abstract record ContainerCommand : AgentCommand
{
    /// <summary>The engine's full id.</summary>
    public required string EngineId { get; init; }
}

/// <summary>Starts; already running is done.</summary>
public sealed record StartContainer : ContainerCommand;

/// <summary>Stops; already stopped is done.</summary>
public sealed record StopContainer : ContainerCommand
{
    /// <summary>Seconds before the kill; null = the container's own.</summary>
    public int? TimeoutSeconds { get; init; }
}

/// <summary>Restarts.</summary>
public sealed record RestartContainer : ContainerCommand
{
    /// <summary>Seconds before the kill; null = the container's own.</summary>
    public int? TimeoutSeconds { get; init; }
}

/// <summary>Sends a signal.</summary>
public sealed record KillContainer : ContainerCommand
{
    /// <summary>Signal name or number, e.g. <c>SIGKILL</c>.</summary>
    public required string Signal { get; init; }
}

/// <summary>Pauses; already paused is done.</summary>
public sealed record PauseContainer : ContainerCommand;

/// <summary>Resumes; not paused is done.</summary>
public sealed record UnpauseContainer : ContainerCommand;

/// <summary>Renames.</summary>
public sealed record RenameContainer : ContainerCommand
{
    /// <summary>The new name.</summary>
    public required string NewName { get; init; }
}

/// <summary>Changes limits.</summary>
public sealed record UpdateContainer : ContainerCommand
{
    /// <summary>Body of Engine API <c>POST /containers/{id}/update</c>, rebuilt and admitted by the server.</summary>
    public required string SpecJson { get; init; }
}

/// <summary>Removes; already gone is done.</summary>
public sealed record RemoveContainer : ContainerCommand
{
    /// <summary>Also when running.</summary>
    public required bool Force { get; init; }

    /// <summary>Also its anonymous volumes.</summary>
    public required bool Volumes { get; init; }
}

/// <summary>Pulls an image.</summary>
public sealed record PullImage : AgentCommand
{
    /// <summary>Full reference.</summary>
    public required string Reference { get; init; }
}

/// <summary>How a command ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandOutcome>))]
public enum CommandOutcome
{
    /// <summary>Done, or it was so already.</summary>
    Done,

    /// <summary>The engine refused or failed.</summary>
    Failed,

    /// <summary>The host's policy or the agent's allow-list forbids it; nothing was done.</summary>
    Refused,

    /// <summary>It was cancelled before it changed anything.</summary>
    Cancelled,

    /// <summary>The deadline passed with the engine silent: it may or may not have happened.</summary>
    Unclear,
}

/// <summary>The end of a command.</summary>
public sealed record CommandResult
{
    /// <summary>Id of the command.</summary>
    public required string CommandId { get; init; }

    /// <summary>How it ended.</summary>
    public required CommandOutcome Outcome { get; init; }

    /// <summary>The engine's HTTP status when it refused; 0 when there was none.</summary>
    public int EngineStatus { get; init; }

    /// <summary>Stable code: <c>engine.refused</c>, <c>engine.unreachable</c>, <c>image.not_found</c>, <c>network.not_found</c>, <c>image.pull_failed</c>, <c>policy.refused</c>, <c>container.not_found</c>, <c>command.cancelled</c>, <c>command.deadline</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The engine's or agent's text.</summary>
    public string Message { get; init; } = "";

    /// <summary>True when nothing was created or changed on the engine (another node may be tried).</summary>
    public bool NothingChanged { get; init; }

    /// <summary>The container afterwards, when there is one.</summary>
    public ContainerReport? Container { get; init; }

    /// <summary>The engine's answer as JSON, where the command says so; at most 1 MiB.</summary>
    public string? Body { get; init; }
}

/// <summary>Progress of a command.</summary>
/// <param name="CommandId">Id of the command.</param>
/// <param name="Percent">0 to 100, or -1 when unknown.</param>
/// <param name="Message">A line for people, e.g. <c>Pulling layer 3 of 5</c>.</param>
public sealed record CommandProgress(string CommandId, int Percent, string Message);
