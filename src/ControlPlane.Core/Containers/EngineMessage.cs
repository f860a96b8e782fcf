using System.Text;
using System.Text.Json;

namespace ControlPlane.Core.Containers;

/// <summary>The text of an engine's error body, <c>{"message": …}</c>.</summary>
internal static class EngineMessage
{
    /// <summary>What is not in the engine's shape is shown as it is.</summary>
    public static string Read(ReadOnlySpan<byte> body) => Text(body, "message") ?? Encoding.UTF8.GetString(body);

    /// <summary>A text at the top of a document, or null.</summary>
    public static string? Text(ReadOnlySpan<byte> body, string property)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(property, out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
