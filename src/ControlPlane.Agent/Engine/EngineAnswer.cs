using System.Text.Json;

namespace ControlPlane.Agent.Engine;

/// <summary>An engine's complete answer to a change.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body.</param>
internal sealed record EngineAnswer(int Status, byte[] Body)
{
    private const int LargestJson = 1024 * 1024;

    /// <summary>2xx, and 304 ("it was so already").</summary>
    public bool IsDone => Status is (>= 200 and < 300) or 304;

    /// <summary>The engine's error text.</summary>
    public string Message => Text("message") ?? $"The engine answered with status {Status}.";

    /// <summary>The body when it is JSON that fits into a result; else null.</summary>
    public string? Json => Body.Length is > 0 and <= LargestJson && JsonText.Of(Body) is { } json && JsonText.Weigh(json) <= LargestJson ? json : null;

    /// <summary>A text property of the body, or null.</summary>
    public string? Text(string property)
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
