namespace ControlPlane.Web.Objects;

/// <summary>What a person says of a new volume.</summary>
public sealed record VolumeForm
{
    public string? Name { get; init; }

    /// <summary>Empty = all that may be used.</summary>
    public string? Node { get; init; }

    public string? Driver { get; init; }

    public string? Collection { get; init; }

    /// <summary>One <c>key=value</c> a line.</summary>
    public string? Labels { get; init; }
}
