using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Core;

/// <summary>The server's one table of deadlines for what it waits on outside, in seconds. The reasons are in docs/design/deadlines.md.</summary>
public sealed class DeadlineOptions
{
    public const string Section = "Deadlines";

    /// <summary>Create and start without a pull.</summary>
    [Range(5, 600)]
    public int CreateSeconds { get; set; } = 60;

    /// <summary>Create that has to pull first, and a pull of its own.</summary>
    [Range(10, 7200)]
    public int PullSeconds { get; set; } = 900;

    /// <summary>Start, kill, pause, unpause, rename, update, remove.</summary>
    [Range(2, 600)]
    public int CommandSeconds { get; set; } = 30;

    /// <summary>Beyond the stop timeout: the engine kills and cleans up.</summary>
    [Range(2, 600)]
    public int StopMarginSeconds { get; set; } = 20;

    /// <summary>What a container's own stop timeout is taken for when the caller names none.</summary>
    [Range(1, 3600)]
    public int DefaultStopSeconds { get; set; } = 10;

    /// <summary>How long a create is waited for before it is answered with its operation (202).</summary>
    [Range(0, 60)]
    public int CreateAnswerSeconds { get; set; } = 1;
}
