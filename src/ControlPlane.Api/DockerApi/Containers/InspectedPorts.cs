using System.Buffers;
using System.Text.Json;
using ControlPlane.Core.Containers;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>
/// <c>NetworkSettings.Ports</c> of an inspect under the node's address. The rest of the document is the engine's, byte for byte; one without
/// such ports is not even read.
/// </summary>
internal static class InspectedPorts
{
    /// <param name="to">Where to.</param>
    /// <param name="document">The engine's document.</param>
    /// <param name="start">From where on it is wanted.</param>
    /// <param name="ip">The node's; empty = leave it as it is.</param>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> document, int start, string ip)
    {
        if (ip.Length == 0 || !Listens(document) || Find(document) is not { } place || place.Start < start)
        {
            to.Write(document[start..]);
            return;
        }

        to.Write(document[start..place.Start]);
        using (var json = new Utf8JsonWriter(to, JsonForm.Options))
        {
            WritePorts(json, document[place.Start..place.End], ip);
        }

        to.Write(document[place.End..]);
    }

    /// <summary>Engines write without blanks.</summary>
    private static bool Listens(ReadOnlySpan<byte> document) =>
        document.IndexOf("\"HostIp\":\"0.0.0.0\""u8) >= 0 || document.IndexOf("\"HostIp\":\"::\""u8) >= 0;

    private static (int Start, int End)? Find(ReadOnlySpan<byte> document)
    {
        try
        {
            var reader = new Utf8JsonReader(document);
            if (!reader.Read() || !Enter(ref reader, "NetworkSettings"u8) || !Enter(ref reader, "Ports"u8) || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return (start, (int)reader.BytesConsumed);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>From the beginning of an object to the value of one of its members.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(member);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static void WritePorts(Utf8JsonWriter json, ReadOnlySpan<byte> ports, string ip)
    {
        var reader = new Utf8JsonReader(ports);
        using var parsed = JsonDocument.ParseValue(ref reader);
        json.WriteStartObject();
        foreach (var port in parsed.RootElement.EnumerateObject())
        {
            if (port.Value.ValueKind == JsonValueKind.Array)
            {
                json.WriteStartArray(port.Name);
                WriteBindings(json, port.Value, ip);
                json.WriteEndArray();
            }
            else
            {
                port.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteBindings(Utf8JsonWriter json, JsonElement bindings, string ip)
    {
        var written = new HashSet<string?>(StringComparer.Ordinal);
        foreach (var binding in bindings.EnumerateArray())
        {
            if (Text(binding, "HostPort") is not { Length: > 0 } hostPort || !PublishedPorts.IsEverywhere(Text(binding, "HostIp")))
            {
                binding.WriteTo(json);
            }
            else if (written.Add(hostPort))
            {
                json.WriteStartObject();
                json.WriteString("HostIp", ip);
                json.WriteString("HostPort", hostPort);
                json.WriteEndObject();
            }
        }
    }

    private static string? Text(JsonElement binding, string member) =>
        binding.ValueKind == JsonValueKind.Object && binding.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
