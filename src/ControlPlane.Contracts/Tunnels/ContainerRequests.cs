namespace ControlPlane.Contracts.Tunnels;

/// <summary>Engine API <c>GET /containers/{id}/json</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
public sealed record InspectContainer(string EngineId) : TunnelRequest
{
    /// <summary>With the sizes of its file systems, which takes the engine long.</summary>
    public bool Size { get; init; }
}

/// <summary>Engine API <c>GET /containers/{id}/logs</c>. The body is the engine's: raw for a TTY, else frames of 8 bytes head + payload.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Follow">Keep the stream open.</param>
/// <param name="Stdout">With standard output.</param>
/// <param name="Stderr">With standard error.</param>
/// <param name="Tail">Last lines only; null = all.</param>
/// <param name="Since">From this time on (Unix seconds with fraction); null = from the start.</param>
/// <param name="Until">Up to this time; null = no end.</param>
/// <param name="Timestamps">Prefix each line with its RFC 3339 time.</param>
public sealed record ContainerLogs(
    string EngineId, bool Follow, bool Stdout, bool Stderr, int? Tail, double? Since, double? Until, bool Timestamps) : TunnelRequest
{
    /// <summary>With the extra attributes of the log driver.</summary>
    public bool Details { get; init; }
}

/// <summary>Engine API <c>GET /containers/{id}/stats</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Stream">A sample each second until closed, else one.</param>
public sealed record ContainerStats(string EngineId, bool Stream) : TunnelRequest
{
    /// <summary>The one sample at once, without the second that CPU percentages need.</summary>
    public bool OneShot { get; init; }
}

/// <summary>Engine API <c>GET /containers/{id}/top</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Arguments">Arguments of <c>ps</c>, e.g. <c>aux</c>; letters, digits, <c>-</c>, <c>,</c>, <c>=</c> and spaces.</param>
public sealed record ContainerTop(string EngineId, string? Arguments) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/changes</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
public sealed record ContainerDiff(string EngineId) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/export</c>: a tar stream.</summary>
/// <param name="EngineId">Full engine id.</param>
public sealed record ExportContainer(string EngineId) : TunnelRequest;

/// <summary>Engine API <c>HEAD /containers/{id}/archive</c>; the answer is <see cref="TunnelResponse.PathStat"/>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Path">Path in the container.</param>
public sealed record StatArchive(string EngineId, string Path) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/archive</c>: a tar stream and <see cref="TunnelResponse.PathStat"/>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Path">Path in the container.</param>
public sealed record GetArchive(string EngineId, string Path) : TunnelRequest;

/// <summary>Engine API <c>PUT /containers/{id}/archive</c>; the body that the server sends is a tar stream, plain or compressed.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Path">Directory in the container.</param>
/// <param name="NoOverwriteDirNonDir">Refuse to replace a directory by a file and the other way round.</param>
/// <param name="CopyOwner">Keep user and group ids.</param>
public sealed record PutArchive(string EngineId, string Path, bool NoOverwriteDirNonDir, bool CopyOwner) : TunnelRequest;

/// <summary>Engine API <c>POST /containers/{id}/wait</c>: the head comes at once, the body when it has happened.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Condition"><c>not-running</c>, <c>next-exit</c> or <c>removed</c>.</param>
public sealed record WaitContainer(string EngineId, string Condition) : TunnelRequest;

/// <summary>Engine API <c>POST /containers/{id}/attach</c>; answered with 101 and bytes both ways.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Logs">What was written before.</param>
/// <param name="Stream">What is written from now on.</param>
/// <param name="Stdin">Take input.</param>
/// <param name="Stdout">With standard output.</param>
/// <param name="Stderr">With standard error.</param>
/// <param name="DetachKeys">Key sequence; null = the engine's.</param>
public sealed record AttachContainer(
    string EngineId, bool Logs, bool Stream, bool Stdin, bool Stdout, bool Stderr, string? DetachKeys) : TunnelRequest;

/// <summary>Engine API <c>POST /containers/{id}/resize</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Height">Rows, 0 to 65535.</param>
/// <param name="Width">Columns, 0 to 65535.</param>
public sealed record ResizeContainer(string EngineId, int Height, int Width) : TunnelRequest;

/// <summary>Engine API <c>POST /containers/{id}/exec</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="SpecJson">The engine's body, rebuilt and admitted by the server.</param>
public sealed record CreateExec(string EngineId, string SpecJson) : TunnelRequest;

/// <summary>Engine API <c>POST /exec/{id}/start</c>; attached it is answered with 101 and bytes both ways.</summary>
/// <param name="ExecId">Full id of the exec.</param>
/// <param name="Detach">Do not attach.</param>
/// <param name="Tty">With a terminal.</param>
public sealed record StartExec(string ExecId, bool Detach, bool Tty) : TunnelRequest
{
    /// <summary>Rows of the terminal; 0 = not said. Engines before API 1.42 do not get it.</summary>
    public int Height { get; init; }

    /// <summary>Columns of the terminal; 0 = not said.</summary>
    public int Width { get; init; }
}

/// <summary>Engine API <c>GET /exec/{id}/json</c>.</summary>
/// <param name="ExecId">Full id of the exec.</param>
public sealed record InspectExec(string ExecId) : TunnelRequest;

/// <summary>Engine API <c>POST /exec/{id}/resize</c>.</summary>
/// <param name="ExecId">Full id of the exec.</param>
/// <param name="Height">Rows, 0 to 65535.</param>
/// <param name="Width">Columns, 0 to 65535.</param>
public sealed record ResizeExec(string ExecId, int Height, int Width) : TunnelRequest;
