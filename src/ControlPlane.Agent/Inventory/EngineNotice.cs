using System.Text.Json;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>One line of the engine's event stream, and what has to be looked at because of it.</summary>
internal sealed record EngineNotice(string Type, string Action, string ObjectId, string Name, string Container, string Detail, DateTime At)
{
    // Happen to a container without changing anything that is reported; exec_* comes with every health check.
    private static readonly string[] Quiet = ["top", "attach", "detach", "resize", "export", "commit", "archive-path", "extract-to-dir", "copy"];

    /// <summary>The container that has to be inspected, or null.</summary>
    public string? TouchedContainer => Type switch
    {
        "container" when !IsQuiet && Action != "destroy" => ObjectId,
        "network" when Action is "connect" or "disconnect" && Container.Length > 0 => Container,
        _ => null,
    };

    public bool RemovesContainer => Type == "container" && Action == "destroy";

    public bool TouchesImages => Type == "image";

    public bool TouchesNetworks => Type == "network" && Action is not ("connect" or "disconnect");

    public bool TouchesVolumes => Type == "volume" && Action is "create" or "destroy" or "prune";

    public bool TouchesEngine => Type == "daemon";

    /// <summary>True for what people want to read.</summary>
    public bool IsNews => Type switch
    {
        "container" => !IsQuiet,
        "network" => TouchesNetworks,
        "volume" => TouchesVolumes,
        _ => true,
    };

    private bool IsQuiet => Action.StartsWith("exec_", StringComparison.Ordinal) || Quiet.Contains(Action, StringComparer.Ordinal);

    public EngineEvent ToEvent() => new(At, Type, Action, ObjectId, Name, Detail);

    /// <summary>Reads a line; null when it is not an event.</summary>
    public static EngineNotice? Parse(string line, DateTime now)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var type = Text(root, "Type");
            var action = Text(root, "Action");
            if (type.Length == 0 || action.Length == 0 || !root.TryGetProperty("Actor", out var actor))
            {
                return null;
            }

            var attributes = actor.TryGetProperty("Attributes", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
            var at = root.TryGetProperty("timeNano", out var nano) && nano.TryGetInt64(out var value) ? DateTime.UnixEpoch.AddTicks(value / 100) : now;
            var exitCode = Text(attributes, "exitCode");
            return new EngineNotice(
                type, action, Text(actor, "ID"), Text(attributes, "name"), Text(attributes, "container"),
                exitCode.Length > 0 ? $"exit code {exitCode}" : Text(attributes, "signal") is { Length: > 0 } signal ? $"signal {signal}" : "", at);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
