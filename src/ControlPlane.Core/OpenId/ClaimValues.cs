using System.Text.Json;

namespace ControlPlane.Core.OpenId;

/// <summary>What a token and the userinfo endpoint say about somebody, as JSON.</summary>
/// <param name="documents">In order: the first that has a claim decides about it.</param>
public sealed class ClaimValues(params IReadOnlyList<JsonElement> documents)
{
    // A person has dozens of groups, sometimes hundreds.
    private const int MaximumValues = 5000;

    /// <summary>
    /// All values of a claim as text: one of a plain value, all of an array. A name with dots is looked for as it is, then as a path into
    /// objects.
    /// </summary>
    public IReadOnlyList<string> Of(string claim)
    {
        foreach (var document in documents)
        {
            if (Find(document, claim) is { } found)
            {
                return [.. Texts(found).Take(MaximumValues)];
            }
        }

        return [];
    }

    public string? First(string claim) => Of(claim) is [{ Length: > 0 } first, ..] ? first : null;

    public bool Has(string claim, string value) => Of(claim).Contains(value, StringComparer.Ordinal);

    private static JsonElement? Find(JsonElement document, string claim)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (document.TryGetProperty(claim, out var whole))
        {
            return whole;
        }

        var inner = document;
        foreach (var part in claim.Split('.'))
        {
            if (inner.ValueKind != JsonValueKind.Object || !inner.TryGetProperty(part, out inner))
            {
                return null;
            }
        }

        return inner;
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.True => ["true"],
        JsonValueKind.False => ["false"],
        // Not deeper: an array of arrays is nobody's list of groups.
        JsonValueKind.Array => value.EnumerateArray().Where(item => item.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)).SelectMany(Texts),
        _ => [],
    };
}
