using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>How REST bodies are written, and how strictly they are read.</summary>
internal static class RestJson
{
    /// <summary>For request bodies: duplicate and unknown names, missing required ones, nulls, comments and trailing data are refused.</summary>
    public static readonly JsonSerializerOptions Strict = CreateStrict();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        // Labels keep their case.
        options.DictionaryKeyPolicy = null;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }

    private static JsonSerializerOptions CreateStrict()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Strict);
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
