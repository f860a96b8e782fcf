using ControlPlane.Engine.Containers;

namespace ControlPlane.Engine.Images;

/// <summary><c>POST /commit</c> (Engine API v1.41): the parameters of its query and its body.</summary>
public sealed record CommitSpec
{
    /// <summary>The container.</summary>
    public string? Container { get; init; }

    /// <summary>Repository of the new image.</summary>
    public string? Repo { get; init; }

    /// <summary>Tag of the new image.</summary>
    public string? Tag { get; init; }

    /// <summary>Message.</summary>
    public string? Comment { get; init; }

    /// <summary>Author.</summary>
    public string? Author { get; init; }

    /// <summary>Pause the container meanwhile.</summary>
    public bool? Pause { get; init; }

    /// <summary>Instructions of a Dockerfile to apply, one a line.</summary>
    public string? Changes { get; init; }

    /// <summary>The body: configuration of the new image.</summary>
    public ContainerSpec? Config { get; init; }
}
