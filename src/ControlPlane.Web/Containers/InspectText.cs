using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Web.Containers;

/// <summary>An inspect as text to read; the environment's values are hidden unless asked for.</summary>
public sealed record InspectText(string Id, string Json, bool Revealed)
{
    private const string Hidden = "••••••";

    // Razor encodes it for the page; here it is only to be readable.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static InspectText From(string id, JsonNode? answer, bool reveal)
    {
        if (!reveal && answer?["Config"]?["Env"] is JsonArray environment)
        {
            for (var i = 0; i < environment.Count; i++)
            {
                var pair = environment[i]?.ToString() ?? "";
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                environment[i] = equals < 0 ? pair : string.Concat(pair.AsSpan(0, equals + 1), Hidden);
            }
        }

        return new InspectText(id, answer?.ToJsonString(Readable) ?? "", reveal);
    }
}
