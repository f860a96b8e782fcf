using System.Text.Json;

namespace ControlPlane.Core.Images;

/// <summary>One thing that a removal took away, as the engine says it: either a name or an image.</summary>
public sealed record ImageRemoval(string? Untagged, string? Deleted)
{
    /// <summary>The engine's list.</summary>
    internal static IEnumerable<ImageRemoval> Read(JsonElement? list)
    {
        if (list is not { ValueKind: JsonValueKind.Array } array)
        {
            yield break;
        }

        foreach (var item in array.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
        {
            var (untagged, deleted) = (Text(item, "Untagged"), Text(item, "Deleted"));
            if (untagged is not null || deleted is not null)
            {
                yield return new ImageRemoval(untagged, deleted);
            }
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
