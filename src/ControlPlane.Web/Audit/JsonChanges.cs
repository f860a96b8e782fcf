using System.Text.Json;

namespace ControlPlane.Web.Audit;

/// <summary>A value that is not the same before and after; null where there was none.</summary>
public sealed record JsonChange(string Path, string? Before, string? After);

/// <summary>Two documents, compared value by value.</summary>
public static class JsonChanges
{
    /// <summary>In the order of the documents: first what was, then what is new.</summary>
    public static IReadOnlyList<JsonChange> Of(JsonElement? before, JsonElement? after)
    {
        var was = Flat(before);
        var now = Flat(after);
        return
        [
            .. was.Where(pair => !string.Equals(now.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal))
                .Select(pair => new JsonChange(pair.Key, pair.Value, now.GetValueOrDefault(pair.Key))),
            .. now.Where(pair => !was.ContainsKey(pair.Key)).Select(pair => new JsonChange(pair.Key, null, pair.Value)),
        ];
    }

    /// <summary>Path to value: <c>labels.zone</c>, <c>mounts[0].source</c>.</summary>
    public static IReadOnlyDictionary<string, string> Flat(JsonElement? document)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document is { } root)
        {
            Walk("", root, flat);
        }

        return flat;
    }

    private static void Walk(string path, JsonElement value, Dictionary<string, string> flat)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.GetPropertyCount() > 0:
                foreach (var property in value.EnumerateObject())
                {
                    Walk(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value, flat);
                }

                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Walk($"{path}[{index++}]", item, flat);
                }

                break;
            default:
                flat[path] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
                break;
        }
    }
}
