using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>
/// Reads JSON as Go's decoder does, which engines have: keys without regard to case, Unicode folding included, objects that come twice merged,
/// of anything else the last, and whatever follows the first value ignored. The result has the model's own names.
/// </summary>
internal static class GoReading
{
    public static JsonNode? Read(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 200 });
        return reader.Read() ? Value(ref reader, type, null) : null;
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, JsonTypeInfo? type, JsonNode? before)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var into = before as JsonObject ?? [];
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var given = reader.GetString()!;
                    reader.Read();
                    var (name, inner) = Member(type, given);
                    var had = into[name];
                    into.Remove(name);
                    into[name] = Value(ref reader, inner, had);
                }

                return into;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                var element = type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } elementType } ? type.Options.GetTypeInfo(elementType) : null;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(Value(ref reader, element, null));
                }

                return list;
            case JsonTokenType.Null:
                // Go leaves what was there.
                return before;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            default:
                return JsonNode.Parse(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static (string Name, JsonTypeInfo? Type) Member(JsonTypeInfo? type, string given)
    {
        if (type is { Kind: JsonTypeInfoKind.Object })
        {
            var property = type.Properties.FirstOrDefault(known => known.Name == given) ?? type.Properties.FirstOrDefault(known => Folded(known.Name) == Folded(given));
            return property is null ? (given, null) : (property.Name, type.Options.GetTypeInfo(property.PropertyType));
        }

        return (given, type is { Kind: JsonTypeInfoKind.Dictionary, ElementType: { } element } ? type.Options.GetTypeInfo(element) : null);
    }

    /// <summary>Go's simple folding: LONG S is an s, the KELVIN SIGN a k.</summary>
    private static string Folded(string key) => key.Replace('\u017f', 's').Replace('\u212a', 'k').ToLowerInvariant();
}
