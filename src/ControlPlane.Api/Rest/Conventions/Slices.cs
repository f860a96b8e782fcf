using ControlPlane.Contracts.Rest;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Pages of lists that are small enough to be in memory as a whole, in the order they come in.</summary>
internal static class Slices
{
    /// <param name="rows">All of them.</param>
    /// <param name="id">Unique: the cursor is the id of the last row of a page.</param>
    /// <param name="text">What <c>q</c> is looked for in.</param>
    /// <param name="query">The request.</param>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, Func<T, string> id, Func<T, string> text, ListQuery query)
    {
        var found = query.Q is { } part ? [.. rows.Where(row => text(row).Contains(part, StringComparison.OrdinalIgnoreCase))] : rows;
        var start = query.Cursor is null ? 0 : found.TakeWhile(row => id(row) != query.Cursor).Count() + 1;
        var items = found.Skip(start).Take(query.Limit).ToList();
        return new Page<T>(items, start + items.Count < found.Count ? id(items[^1]) : null, found.Count);
    }
}
