namespace ControlPlane.Contracts.Rest;

/// <summary>What a list is asked for.</summary>
/// <param name="Limit">Rows per page, 1 to 500.</param>
/// <param name="Cursor">What the last page answered, decoded to the text that the list put in; null for the first page.</param>
/// <param name="Sort">Keys in order; empty means the list's own order.</param>
/// <param name="Q">Free text; null when not asked for.</param>
/// <param name="Filters">Values by field: one field's values are alternatives, different fields must all match.</param>
public sealed record ListQuery(
    int Limit, string? Cursor, IReadOnlyList<SortKey> Sort, string? Q, IReadOnlyDictionary<string, IReadOnlyList<string>> Filters)
{
    /// <summary>The values of one filter.</summary>
    /// <param name="field">Its name.</param>
    /// <returns>Empty when not asked for.</returns>
    public IReadOnlyList<string> Filter(string field) => Filters.TryGetValue(field, out var values) ? values : [];
}

/// <summary>One sort key.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Descending">Written with a leading <c>-</c>.</param>
public readonly record struct SortKey(string Field, bool Descending);
