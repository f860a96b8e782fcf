using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Engine.Json;

namespace ControlPlane.Agent.Commands;

/// <summary>Bodies the server sends for the engine: read strictly into the models we know, to be written anew.</summary>
internal static class EngineBody
{
    public static bool TryRead<T>(string json, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? body, [NotNullWhen(false)] out string? problem)
        where T : class
    {
        var parsed = StrictJson.Read(Encoding.UTF8.GetBytes(json), type);
        body = parsed.Value;
        problem = parsed.IsValid ? null : $"The body is not in the engine's form: {parsed.Errors[0].Path} {parsed.Errors[0].Message}.";
        return parsed.IsValid;
    }
}
