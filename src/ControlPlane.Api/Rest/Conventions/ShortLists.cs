using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Lists that are short by themselves (one owner's, a few hundred at most): paged in memory, after the last id.</summary>
internal static class ShortLists
{
    public static async Task<Results<Ok<Page<T>>, ProblemResult>> AnswerAsync<T>(
        HttpContext context, Func<Task<Result<IReadOnlyList<T>>>> read, Func<T, string> id, Func<T, string?> text)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? (await read()).Map(rows => Slice(rows, query.Value, id, text)).ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static Page<T> Slice<T>(IReadOnlyList<T> rows, ListQuery query, Func<T, string> id, Func<T, string?> text)
    {
        var found = query.Q is { } sought ? [.. rows.Where(row => text(row)?.Contains(sought, StringComparison.OrdinalIgnoreCase) ?? false)] : rows;
        var start = query.Cursor is null ? 0 : found.Select(id).TakeWhile(other => other != query.Cursor).Count() + 1;
        var items = found.Skip(start).Take(query.Limit).ToList();
        return new Page<T>(items, start + items.Count < found.Count ? id(items[^1]) : null, found.Count);
    }
}
