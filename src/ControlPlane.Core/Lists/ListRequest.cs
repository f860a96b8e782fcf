namespace ControlPlane.Core.Lists;

/// <summary>How a list is asked for; validated by the surface that read it.</summary>
public sealed record ListRequest
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;

    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Opaque; from the previous page.</summary>
    public string? Cursor { get; init; }

    /// <summary>Key of the sort, or null for the list's own order.</summary>
    public string? SortKey { get; init; }

    public bool Descending { get; init; }

    /// <summary>Free text.</summary>
    public string? Text { get; init; }
}
