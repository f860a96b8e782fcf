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

    /// <summary>How long who waits for a create goes on to wait once its outcome is unclear.</summary>
    [Range(0, 600)]
    public int StalledCreateSeconds { get; set; } = 10;

    /// <summary>Removing an image, committing a container, emptying a builder's cache: one engine call that works on the disk.</summary>
    [Range(5, 3600)]
    public int ImageCommandSeconds { get; set; } = 120;

    /// <summary>How long a node may say nothing while it pulls, pushes, loads or imports for somebody who watches.</summary>
    [Range(1, 3600)]
    public int ImageIdleSeconds { get; set; } = 120;

    /// <summary>How long a node may take nothing of what is sent to it.</summary>
    [Range(1, 3600)]
    public int ImageSendSeconds { get; set; } = 30;

    /// <summary>How long the first node of a pull may say nothing before another one is asked as well.</summary>
    [Range(1, 600)]
    public int ImageLeadSeconds { get; set; } = 10;

    /// <summary>How long a build may say nothing.</summary>
    [Range(10, 86400)]
    public int BuildIdleSeconds { get; set; } = 3600;

    /// <summary>How long a node may take for its part of the disk usage; who takes longer is left out.</summary>
    [Range(1, 600)]
    public int DiskUsageSeconds { get; set; } = 5;

    /// <summary>How long a node may take to say which events it has told so far; who takes longer is not waited for.</summary>
    [Range(1, 60)]
    public int PastEventsSeconds { get; set; } = 2;
}
