using System.Globalization;
using System.Text;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using SortKey = ControlPlane.Contracts.Rest.SortKey;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Reads <c>limit cursor sort q</c> and filters; what a list does not know is refused.</summary>
internal static class ListQueries
{
    public const int DefaultLimit = 50;
    public const int MaximumLimit = 500;
    private const int MaximumTextLength = 1000;

    /// <param name="context">The request.</param>
    public static Result<ListQuery> Read(HttpContext context)
    {
        var (filters, sorts) = context.GetEndpoint()?.Metadata.GetMetadata<ListParameters>()
            ?? throw new InvalidOperationException("A list endpoint declares what it takes: TakesList().");
        var problems = new List<FieldError>();
        var limit = DefaultLimit;
        string? cursor = null;
        string? q = null;
        IReadOnlyList<SortKey> sort = [];
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in context.Request.Query)
        {
            var value = values.ToString();
            if (filters.Contains(name))
            {
                found[name] = [.. values.Select(text => text ?? "")];
            }
            else if (values.Count > 1 && name is "limit" or "cursor" or "sort" or "q" && values.Count > 1)
            {
                problems.Add(new FieldError(name, "is there twice"));
            }
            else if (name == "limit")
            {
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaximumLimit)
                {
                    problems.Add(new FieldError("limit", $"must be 1 to {MaximumLimit}"));
                }
            }
            else if (name == "cursor")
            {
                cursor = Decode(value);
                if (cursor is null)
                {
                    problems.Add(new FieldError("cursor", "must be the nextCursor of an earlier answer"));
                }
            }
            else if (name == "sort" && sorts.Count > 0)
            {
                sort = Sort(value, sorts, problems);
            }
            else if (name == "q")
            {
                q = value.Length > 0 ? value : null;
            }
            else
            {
                problems.Add(new FieldError(name, $"is not a known query parameter; known are {Known(filters, sorts)}"));
            }

            if (value.Length > MaximumTextLength || value.Contains('\0', StringComparison.Ordinal))
            {
                problems.Add(new FieldError(name, $"must have at most {MaximumTextLength} characters and no NUL"));
            }
        }

        return problems.Count == 0 ? new ListQuery(limit, cursor, sort, q, found) : new InvalidError(problems);
    }

    /// <summary>Answers a page: its cursor is made opaque and named in <c>Link</c>, too.</summary>
    public static Ok<Page<T>> ToHttp<T>(HttpContext context, Page<T> page)
    {
        if (page.NextCursor is null)
        {
            return TypedResults.Ok(page);
        }

        var cursor = Encode(page.NextCursor);
        var query = context.Request.Query.Where(pair => pair.Key != "cursor").SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value));
        var next = QueryHelpers.AddQueryString(context.Request.Path.ToUriComponent(), query.Append(KeyValuePair.Create("cursor", (string?)cursor)));
        context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        return TypedResults.Ok(page with { NextCursor = cursor });
    }

    internal static string Encode(string cursor) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(cursor));

    private static string? Decode(string text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(WebEncoders.Base64UrlDecode(text)) is { Length: > 0 } cursor ? cursor : null;
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static List<SortKey> Sort(string text, IReadOnlyCollection<string> sorts, List<FieldError> problems)
    {
        var keys = new List<SortKey>();
        foreach (var part in text.Split(','))
        {
            var key = part.StartsWith('-') ? new SortKey(part[1..], true) : new SortKey(part, false);
            if (sorts.Contains(key.Field) && keys.Count == 0)
            {
                keys.Add(key);
            }
            else
            {
                problems.Add(new FieldError("sort", $"must be one of {string.Join(", ", sorts)}, with - before it for descending"));
                break;
            }
        }

        return keys;
    }

    private static string Known(IReadOnlyCollection<string> filters, IReadOnlyCollection<string> sorts) =>
        string.Join(", ", (string[])["limit", "cursor", "q", .. sorts.Count > 0 ? ["sort"] : Array.Empty<string>(), .. filters]);
}
