namespace ControlPlane.Web.Objects;

/// <summary>What a person says of a new network.</summary>
public sealed record NetworkForm
{
    public string? Name { get; init; }

    /// <summary>Empty = the server chooses.</summary>
    public string? Node { get; init; }

    public string? Driver { get; init; }

    public string? Collection { get; init; }

    public string? Subnet { get; init; }

    public string? Gateway { get; init; }

    /// <summary>One <c>key=value</c> a line.</summary>
    public string? Labels { get; init; }

    public bool Internal { get; init; }
}
