namespace ControlPlane.Contracts.Rest;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">Kind of row.</typeparam>
/// <param name="Items">The rows of this page, at most <c>limit</c>.</param>
/// <param name="NextCursor">Opaque; asks for the next page. Null on the last one.</param>
/// <param name="Total">How many rows match in all, on all pages.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor, long Total);
