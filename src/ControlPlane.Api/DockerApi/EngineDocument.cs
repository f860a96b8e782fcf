using System.Text.Json;

namespace ControlPlane.Api.DockerApi;

/// <summary>A document of an engine, told with another name.</summary>
internal static class EngineDocument
{
    /// <summary>Writes the members of the document except those that <paramref name="instead"/> writes itself; false when it is no object.</summary>
    public static bool WriteMembers(Utf8JsonWriter json, ReadOnlyMemory<byte> document, Func<JsonProperty, bool> instead)
    {
        try
        {
            using var parsed = JsonDocument.Parse(document);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (var member in parsed.RootElement.EnumerateObject())
            {
                if (!instead(member))
                {
                    member.WriteTo(json);
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    public static void WriteLabels(Utf8JsonWriter json, IReadOnlyDictionary<string, string> labels)
    {
        json.WriteStartObject("Labels");
        foreach (var (key, value) in labels)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
