using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>What the server said, whole.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseHeaders Headers, TimeSpan Took)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public JsonNode? Json => Text.Length > 0 && Text[0] is '{' or '[' ? JsonNode.Parse(Text) : null;

    /// <summary>The stable code of a problem; empty when it is none.</summary>
    public string Code => Json?["code"]?.GetValue<string>() ?? "";

    /// <summary>The fields that a problem names.</summary>
    public IReadOnlyList<string> Fields => [.. (Json?["errors"] as JsonObject ?? []).Select(error => error.Key)];

    public string? ETag => Headers.ETag?.Tag;

    public T As<T>(int status = 200)
    {
        Status.ShouldBe(status, Text);
        return JsonSerializer.Deserialize<T>(Text, Format)!;
    }

    public Answer ShouldBe(int status, string? code = null)
    {
        Status.ShouldBe(status, Text);
        if (code is not null)
        {
            Code.ShouldBe(code, Text);
        }

        return this;
    }
}
