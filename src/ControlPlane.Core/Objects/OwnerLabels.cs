using System.Text.Json;

namespace ControlPlane.Core.Objects;

/// <summary>
/// Labels on what is made through us: hints for people, and for adoption after a loss of the database. Who owns what is decided by the
/// database alone.
/// </summary>
internal static class OwnerLabels
{
    private const string Collection = "controlplane.collection";
    private const string Owner = "controlplane.owner";
    private const string Id = "controlplane.id";

    /// <summary>The labels asked for, and ours; <paramref name="id"/> tells this very thing from one that was there before.</summary>
    public static Dictionary<string, string> On(IReadOnlyDictionary<string, string>? asked, string collection, string owner, string id) =>
        new(asked ?? new Dictionary<string, string>(0), StringComparer.Ordinal) { [Collection] = collection, [Owner] = owner, [Id] = id };

    /// <summary>Is this document of an engine about the very thing with that id?</summary>
    public static bool IsOn(string? json, string id)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "null");
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
                && labels.TryGetProperty(Id, out var found) && found.ValueKind == JsonValueKind.String && found.GetString() == id;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
