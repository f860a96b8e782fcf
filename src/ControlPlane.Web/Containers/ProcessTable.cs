using System.Text.Json;

namespace ControlPlane.Web.Containers;

/// <summary>The engine's answer to <c>top</c>.</summary>
public sealed record ProcessTable(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Processes)
{
    public static ProcessTable From(JsonElement answer) => new(
        Texts(answer, nameof(Titles)),
        answer.TryGetProperty(nameof(Processes), out var rows) && rows.ValueKind == JsonValueKind.Array
            ? [.. rows.EnumerateArray().Select(row => (IReadOnlyList<string>)[.. row.EnumerateArray().Select(cell => cell.ToString())])]
            : []);

    private static IReadOnlyList<string> Texts(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.ToString())] : [];
}
