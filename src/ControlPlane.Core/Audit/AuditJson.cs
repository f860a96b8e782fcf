using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Core.Audit;

/// <summary>
/// Objects as the trail keeps them: compact JSON in ASCII, secrets masked by the names of their fields, at most 16 KiB. What does not fit
/// is cut where it is, visibly, and the result is valid JSON all the same.
/// </summary>
public static class AuditJson
{
    public const int MaxBytes = 16 * 1024;
    private const int MaxText = 1000;
    private const int MaxName = 200;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        ReferenceHandler = ReferenceHandler.IgnoreCycles,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Null for null.</summary>
    public static string? Write(object? value, int maxBytes)
    {
        if (value is null)
        {
            return null;
        }

        var element = value as JsonElement? ?? JsonSerializer.SerializeToElement(value, value.GetType(), Options);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default, SkipValidation = true }))
        {
            new Masked(writer, maxBytes).Write(element, Masking.Names);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string? Write(object? value) => Write(value, MaxBytes);

    /// <summary>A document that is kept as text, for <see cref="AuditDetails"/>; null when there is none.</summary>
    public static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);

    private enum Masking
    {
        /// <summary>The names decide.</summary>
        Names,

        /// <summary>Environment variables: <c>NAME=value</c>, name to value, or name and value.</summary>
        Environment,
        EnvironmentItem,

        /// <summary>Everything below is secret.</summary>
        All,
    }

    private sealed class Masked(Utf8JsonWriter writer, int maxBytes)
    {
        // For the marks and closing brackets of what is cut: 40 levels of nesting at most.
        private readonly int _room = maxBytes - Math.Min(1024, maxBytes / 4);

        private long Written => writer.BytesCommitted + writer.BytesPending;

        public void Write(JsonElement value, Masking masking)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    WriteObject(value, masking);
                    break;
                case JsonValueKind.Array:
                    WriteArray(value, masking);
                    break;
                case JsonValueKind.String when masking is Masking.Environment:
                    writer.WriteStringValue(Variable(value.GetString()!));
                    break;
                case JsonValueKind.String or JsonValueKind.Number when masking is Masking.All:
                    writer.WriteStringValue(SecretText.Mask);
                    break;
                case JsonValueKind.String:
                    writer.WriteStringValue(Text(value.GetString()!));
                    break;
                default:
                    value.WriteTo(writer);
                    break;
            }
        }

        private void WriteObject(JsonElement value, Masking masking)
        {
            writer.WriteStartObject();
            var named = masking == Masking.Names && NamesASecret(value);
            var left = value.GetPropertyCount();
            foreach (var property in value.EnumerateObject())
            {
                left--;
                if (property.Value.ValueKind == JsonValueKind.Null)
                {
                    continue;
                }

                if (!Fits(property.Name.Length + SizeOf(property.Value)))
                {
                    writer.WriteString("…", $"cut: {left + 1} more");
                    break;
                }

                writer.WritePropertyName(AuditText.Clean(property.Name, MaxName));
                Write(property.Value, named && IsValue(property.Name) ? Masking.All : Below(masking, property));
            }

            writer.WriteEndObject();
        }

        private void WriteArray(JsonElement value, Masking masking)
        {
            writer.WriteStartArray();
            var left = value.GetArrayLength();
            var item = masking == Masking.Environment ? Masking.EnvironmentItem : masking;
            var follows = false;
            foreach (var element in value.EnumerateArray())
            {
                if (!Fits(SizeOf(element)))
                {
                    writer.WriteStringValue($"… cut: {left} more");
                    break;
                }

                left--;
                // --password VALUE
                Write(element, follows ? Masking.All : element.ValueKind == JsonValueKind.String && item == Masking.EnvironmentItem ? Masking.Environment : item);
                follows = masking == Masking.Names && element.ValueKind == JsonValueKind.String && IsSecretFlag(element.GetString()!);
            }

            writer.WriteEndArray();
        }

        private static Masking Below(Masking masking, JsonProperty property) => masking switch
        {
            Masking.All or Masking.Environment => Masking.All,
            Masking.EnvironmentItem => IsName(property.Name) ? Masking.Names : Masking.All,
            _ when property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False => Masking.Names,
            _ when SecretText.IsEnvironmentName(property.Name) => Masking.Environment,
            // "key" beside "value" is a name.
            _ when SecretText.IsSecretName(property.Name) && !IsName(property.Name) => Masking.All,
            _ => Masking.Names,
        };

        private static bool NamesASecret(JsonElement value) => value.EnumerateObject()
            .Any(p => IsName(p.Name) && p.Value.ValueKind == JsonValueKind.String && SecretText.IsSecretName(p.Value.GetString()!));

        private static bool IsName(string name) => name.Equals("name", StringComparison.OrdinalIgnoreCase);

        private static bool IsValue(string name) => name.Equals("value", StringComparison.OrdinalIgnoreCase);

        private static bool IsSecretFlag(string text) =>
            text is ['-', _, ..] && !text.Contains('=', StringComparison.Ordinal) && SecretText.IsSecretName(text);

        private static string Variable(string text) =>
            text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? AuditText.Clean(text[..at], MaxName) + "=" + SecretText.Mask : SecretText.Mask;

        private static string Text(string text)
        {
            // Looked through a little further than it is kept, so that a cut does not hide the shape of a secret.
            var scrubbed = SecretText.Scrub(AuditText.Clean(text, 2 * MaxText));
            return scrubbed.Length <= MaxText && text.Length <= MaxText
                ? scrubbed
                : $"{AuditText.Clean(scrubbed, MaxText).TrimEnd('…')}… cut: {text.Length} characters";
        }

        private bool Fits(int bytes) => Written + bytes + 8 <= _room;

        /// <summary>Of scalars at most; objects and arrays look after themselves.</summary>
        private static int SizeOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => 2 + JsonEncodedText.Encode(Text(value.GetString()!)).EncodedUtf8Bytes.Length,
            JsonValueKind.Object or JsonValueKind.Array => 2,
            _ => value.GetRawText().Length,
        };
    }
}
