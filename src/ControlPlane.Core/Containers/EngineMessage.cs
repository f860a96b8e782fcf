using System.Text;
using System.Text.Json;

namespace ControlPlane.Core.Containers;

/// <summary>The text of an engine's error body, <c>{"message": …}</c>.</summary>
internal static class EngineMessage
{
    public static string Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("message", out var message)
                && message.ValueKind == JsonValueKind.String)
            {
                return message.GetString()!;
            }
        }
        catch (JsonException)
        {
            // Not the engine's shape: shown as it is.
        }

        return Encoding.UTF8.GetString(body);
    }
}
