namespace ControlPlane.Engine.Containers;

/// <summary>The body of <c>POST /containers/{id}/exec</c> (Engine API v1.41).</summary>
public sealed record ExecSpec
{
    /// <summary>Some clients (docker-py) repeat the container here; the path decides, and nobody looks at this.</summary>
    public string? Container { get; init; }

    /// <summary>Attach standard input.</summary>
    public bool? AttachStdin { get; init; }

    /// <summary>Attach standard output.</summary>
    public bool? AttachStdout { get; init; }

    /// <summary>Attach standard error.</summary>
    public bool? AttachStderr { get; init; }

    /// <summary>Height and width of the terminal (API 1.42).</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }

    /// <summary>Keys that detach, <c>ctrl-p,ctrl-q</c>.</summary>
    public string? DetachKeys { get; init; }

    /// <summary>Do not wait for it; the CLI sends it, the engine looks at it when the exec is started.</summary>
    public bool? Detach { get; init; }

    /// <summary>Gives the process a terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary>Environment, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>All capabilities, no seccomp.</summary>
    public bool? Privileged { get; init; }

    /// <summary><c>user[:group]</c>; empty is the container's own user.</summary>
    public string? User { get; init; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }
}
