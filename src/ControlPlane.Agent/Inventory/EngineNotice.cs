using System.Collections.Frozen;
using System.Text.Json;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>One line of the engine's event stream, and what has to be looked at because of it.</summary>
internal sealed record EngineNotice(string Type, string Action, string ObjectId, string Name, string Container, string Detail, DateTime At)
{
    private const int LongestType = 32;
    private const int LongestAction = 2048;
    private const int LargestAttributes = 8 * 1024;
    private static readonly string[] First = ["name", "image", "container", "exitCode", "execID", "execDuration", "signal", "type", "driver"];

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
        "image" or "daemon" => true,
        _ => false,
    };

    private bool IsQuiet => Action.StartsWith("exec_", StringComparison.Ordinal) || Quiet.Contains(Action, StringComparer.Ordinal);

    /// <summary>The engine's attributes, as many as fit.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary><c>local</c> or <c>swarm</c>.</summary>
    public string Scope { get; init; } = "local";

    public EngineEvent ToEvent() => new(At, Type, Action, ObjectId, Name, Detail) { Attributes = Attributes, Scope = Scope, Quiet = !IsNews };

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

            var attributes = actor.TryGetProperty(nameof(Attributes), out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
            var at = root.TryGetProperty("timeNano", out var nano) && nano.TryGetInt64(out var value) ? DateTime.UnixEpoch.AddTicks(value / 100) : now;
            var exitCode = Text(attributes, "exitCode");
            return new EngineNotice(
                Cut(type, LongestType), Cut(action, LongestAction), Text(actor, "ID"), Text(attributes, "name"), Text(attributes, "container"),
                exitCode.Length > 0 ? $"exit code {exitCode}" : Text(attributes, "signal") is { Length: > 0 } signal ? $"signal {signal}" : "", at)
            {
                Attributes = CutAttributes(attributes),
                Scope = Text(root, "scope") is "swarm" ? "swarm" : "local",
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What tells one event from another comes before the labels of the object.</summary>
    private static Dictionary<string, string> CutAttributes(JsonElement attributes)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (attributes.ValueKind != JsonValueKind.Object)
        {
            return result;
        }

        var left = LargestAttributes;
        foreach (var attribute in attributes.EnumerateObject()
            .Where(attribute => attribute.Value.ValueKind == JsonValueKind.String)
            .OrderBy(attribute => !First.Contains(attribute.Name, StringComparer.Ordinal)))
        {
            var value = attribute.Value.GetString()!;
            if (attribute.Name.Length + value.Length <= left)
            {
                left -= attribute.Name.Length + value.Length;
                result[attribute.Name] = value;
            }
        }

        return result;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static string Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
