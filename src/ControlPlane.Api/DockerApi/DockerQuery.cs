using System.Globalization;
using System.Text.Json;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi;

/// <summary>The query of a request, value by value. What is not asked for is dropped; what is said twice where one is meant is refused.</summary>
internal sealed class DockerQuery(IQueryCollection query)
{
    private const int MostFilters = 200;

    /// <summary>As the engine reads it: absent, empty, 0, no, false and none are false, everything else is true.</summary>
    public bool Flag(string key, bool absent = false) => query[key] switch
    {
        [] => absent,
        [.., var last] => last is not (null or "" or "0") && !Is(last, "no") && !Is(last, "false") && !Is(last, "none"),
    };

    /// <summary>Null when absent or empty.</summary>
    public Result<string?> Text(string key, int longest = 4096) => query[key] switch
    {
        [] or [null or ""] => (string?)null,
        [{ } one] when one.Length <= longest && !one.Contains('\0', StringComparison.Ordinal) => one,
        _ => new InvalidError(key, $"may be given once, with at most {longest} characters and no NUL"),
    };

    /// <summary>All values, empty ones left out.</summary>
    public IReadOnlyList<string> Texts(string key) => [.. query[key].OfType<string>().Where(text => text.Length > 0)];

    /// <summary>Null when absent or empty.</summary>
    public Result<int?> Number(string key, int least, int most)
    {
        var text = Text(key, 20);
        return !text.IsSuccess ? text.Error
            : text.Value is null ? (int?)null
            : int.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : new InvalidError(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"));
    }

    /// <summary>Unix seconds, with a fraction if wanted, or an RFC 3339 time; null when absent, empty or 0.</summary>
    public Result<double?> Time(string key)
    {
        var text = Text(key, 64);
        if (!text.IsSuccess)
        {
            return text.Error;
        }

        if (text.Value is null or "0")
        {
            return (double?)null;
        }

        if (double.TryParse(text.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e11)
        {
            return seconds;
        }

        return DateTimeOffset.TryParse(text.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at - DateTimeOffset.UnixEpoch).TotalSeconds
            : new InvalidError(key, "must be a time: Unix seconds or RFC 3339");
    }

    /// <summary>
    /// The engine's filters, in both of its forms (<c>{"label":["a"]}</c> and <c>{"label":{"a":true}}</c>); a filter that is not known is refused as the
    /// engine does.
    /// </summary>
    public Result<IReadOnlyDictionary<string, IReadOnlyList<string>>> Filters(params ReadOnlySpan<string> known)
    {
        var filters = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var text = Text("filters", 64 * 1024);
        if (!text.IsSuccess)
        {
            return text.Error;
        }

        if (text.Value is null)
        {
            return filters;
        }

        try
        {
            using var json = JsonDocument.Parse(text.Value, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new InvalidError("filters", "must be a JSON object");
            }

            foreach (var filter in json.RootElement.EnumerateObject())
            {
                if (!known.Contains(filter.Name))
                {
                    return new InvalidError("filters", $"invalid filter '{(filter.Name.Length > 64 ? filter.Name[..64] + "…" : filter.Name)}'; there are {string.Join(", ", known.ToArray())}");
                }

                if (Values(filter.Value) is not { } values)
                {
                    return new InvalidError("filters", $"'{filter.Name}' must be a list of texts, or an object with texts as keys");
                }

                filters[filter.Name] = values;
            }
        }
        catch (JsonException)
        {
            return new InvalidError("filters", "must be JSON without duplicate keys");
        }

        return filters;
    }

    private static List<string>? Values(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array when element.GetArrayLength() <= MostFilters && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return [.. element.EnumerateArray().Select(item => item.GetString()!)];
            case JsonValueKind.Object when element.EnumerateObject().Count() <= MostFilters:
                return [.. element.EnumerateObject().Where(item => item.Value.ValueKind != JsonValueKind.False).Select(item => item.Name)];
            default:
                return null;
        }
    }

    private static bool Is(string? text, string other) => string.Equals(text, other, StringComparison.OrdinalIgnoreCase);
}
