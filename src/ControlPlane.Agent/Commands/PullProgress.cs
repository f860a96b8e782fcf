using System.Text.Json;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>Adds up the layers of a pull.</summary>
internal sealed class PullProgress
{
    private readonly Dictionary<string, (long Current, long Total, bool Done)> _layers = new(StringComparer.Ordinal);
    private string _status = "Pulling";

    /// <returns>The error in this line; null when there is none. An error comes with status 200 before it.</returns>
    public string? Take(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (Text(line, "error") is { Length: > 0 } error)
        {
            return error;
        }

        var status = Text(line, "status") ?? "";
        if (Text(line, "id") is not { Length: > 0 } id || status.StartsWith("Pulling from", StringComparison.Ordinal))
        {
            _status = status;
            return null;
        }

        var known = _layers.GetValueOrDefault(id);
        if (line.TryGetProperty("progressDetail", out var detail) && detail.ValueKind == JsonValueKind.Object
            && detail.TryGetProperty("total", out var total) && total.TryGetInt64(out var all)
            && detail.TryGetProperty("current", out var current) && current.TryGetInt64(out var some) && status == "Downloading")
        {
            known = (some, all, false);
        }

        _layers[id] = known with { Done = known.Done || status is "Download complete" or "Pull complete" or "Already exists" };
        return null;
    }

    public CommandProgress ToProgress(string commandId)
    {
        if (_layers.Count == 0)
        {
            return new CommandProgress(commandId, -1, _status);
        }

        var share = _layers.Values.Sum(layer => layer.Done ? 1.0 : layer.Total > 0 ? Math.Min(1.0, (double)layer.Current / layer.Total) : 0) / _layers.Count;
        return new CommandProgress(commandId, (int)(share * 100), $"Pulling: {_layers.Values.Count(layer => layer.Done)} of {_layers.Count} layers are here");
    }

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
