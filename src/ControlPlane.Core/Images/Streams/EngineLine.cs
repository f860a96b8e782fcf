using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Core.Images.Streams;

/// <summary>One line of an engine's stream of JSON lines, and the parts of it that matter here.</summary>
internal sealed class EngineLine
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 16 };

    private readonly JsonElement _root;

    private EngineLine(ReadOnlyMemory<byte> raw, JsonElement root)
    {
        Raw = raw;
        _root = root;
    }

    /// <summary>As it came, without its end.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    public string? Id => Text("id");

    public string? Status => Text("status");

    /// <summary>Text for people: of builds and loads.</summary>
    public string? Stream => Text("stream");

    /// <summary>What went wrong; null in every other line.</summary>
    public string? Error =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty("errorDetail", out var detail) && detail.ValueKind == JsonValueKind.Object
        && detail.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()
            : Text("error");

    /// <summary>The image a build or a push made; null in every other line.</summary>
    public string? AuxId =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty("aux", out var aux) && aux.ValueKind == JsonValueKind.Object
        && aux.TryGetProperty("ID", out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;

    /// <summary>One of many that tell how far something is: the next one says the same, later.</summary>
    public bool IsProgress =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty("progressDetail", out var detail) && detail.ValueKind == JsonValueKind.Object
        && detail.TryGetProperty("current", out _);

    /// <summary>What is not JSON is shown as it is, in a line of our own.</summary>
    public static EngineLine Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Shallow);
            return new EngineLine(line, document.RootElement.Clone());
        }
        catch (JsonException)
        {
            return Of(("status", Encoding.UTF8.GetString(line.Span)));
        }
    }

    public static EngineLine Of(params ReadOnlySpan<(string Name, string Text)> members)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            foreach (var (name, text) in members)
            {
                json.WriteString(name, text);
            }

            json.WriteEndObject();
        }

        return new EngineLine(buffer.WrittenMemory, JsonElement.Parse(buffer.WrittenSpan));
    }

    /// <summary>The line with which a stream says that it failed; clients stop at it.</summary>
    public static EngineLine OfError(string message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteStartObject("errorDetail");
            json.WriteString("message", message);
            json.WriteEndObject();
            json.WriteString("error", message);
            json.WriteEndObject();
        }

        return new EngineLine(buffer.WrittenMemory, JsonElement.Parse(buffer.WrittenSpan));
    }

    /// <summary>With the node in front of its id, so that lines of several nodes do not overwrite each other.</summary>
    public EngineLine From(string node)
    {
        if (_root.ValueKind != JsonValueKind.Object)
        {
            return Of(("status", Encoding.UTF8.GetString(Raw.Span)), ("id", node));
        }

        var buffer = new ArrayBufferWriter<byte>(Raw.Length + 64);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            foreach (var member in _root.EnumerateObject().Where(member => !member.NameEquals("id")))
            {
                member.WriteTo(json);
            }

            json.WriteString("id", Id is { Length: > 0 } id ? $"{node}:{id}" : node);
            json.WriteEndObject();
        }

        return new EngineLine(buffer.WrittenMemory, JsonElement.Parse(buffer.WrittenSpan));
    }

    private string? Text(string name) =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
