using ControlPlane.Contracts.Rest;

namespace ControlPlane.Web.Nodes;

/// <summary>Labels as people type them: <c>key=value</c>, one a line or separated by commas.</summary>
public static class LabelText
{
    public static string Write(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join('\n', labels.Select(label => $"{label.Key}={label.Value}"));

    public static (Dictionary<string, string> Labels, FieldError? Error) Read(string? text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (text ?? "").Split(['\n', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return (labels, new FieldError("labels", $"“{line}” is not key=value."));
            }

            labels[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }

        return (labels, null);
    }
}
