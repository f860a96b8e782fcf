using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>
/// What classic Swarm's users write into environment and labels about placement, whatever door it came by: <c>constraint:zone==a</c>,
/// <c>affinity:container==db</c>, <c>whitelist:node==a|b</c>, <c>reschedule:on-node-failure</c> and the labels
/// <c>com.docker.swarm.constraints</c> and so on. Labels come first, then the environment. What is taken out of the environment is
/// written into the labels, as classic Swarm did.
/// </summary>
internal sealed class SwarmExpressions
{
    private const string Prefix = "com.docker.swarm.";
    private const string Constraint = Prefix + "constraints";
    private const string Affinity = Prefix + "affinities";
    private const string Whitelist = Prefix + "whitelists";
    private const string Policy = Prefix + "reschedule-policies";
    private const string Known = $"'{Constraint}', '{Affinity}', '{Whitelist}' and '{Policy}'";

    // More than anybody writes by hand; each is compiled.
    private const int MaxExpressions = 100;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FieldErrors _errors;
    private readonly Dictionary<string, List<string>> _ofLabel = new(StringComparer.Ordinal);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly List<string> _constraints = [];
    private readonly List<string> _affinities = [];
    private int _count;

    private SwarmExpressions(FieldErrors errors) => _errors = errors;

    /// <summary>Well formed; white lists are among them as <c>node.name==a|b</c>.</summary>
    public IReadOnlyList<string> Constraints => _constraints;

    /// <summary>Well formed.</summary>
    public IReadOnlyList<string> Affinities => _affinities;

    /// <summary>Null when nobody said anything.</summary>
    public ReschedulePolicy? Reschedule { get; private set; }

    /// <summary>The environment without expressions.</summary>
    public IReadOnlyList<string>? Environment { get; private set; }

    /// <summary>The labels with the expressions of the environment.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; private set; }

    /// <summary>Reads both; problems are noted under <c>env["…"]</c> and <c>labels["…"]</c>.</summary>
    /// <param name="errors">Where problems are noted.</param>
    /// <param name="environment">Lines <c>NAME=value</c>.</param>
    /// <param name="labels">Labels as given.</param>
    public static SwarmExpressions Read(FieldErrors errors, IReadOnlyList<string>? environment, IReadOnlyDictionary<string, string>? labels)
    {
        var read = new SwarmExpressions(errors);
        read.ReadLabels(labels);
        read.Environment = read.ReadEnvironment(environment);
        read.Labels = read.WriteLabels(labels);
        return read;
    }

    /// <summary>Reads a policy; the message of a wrong one begins as classic Swarm's.</summary>
    public static bool TryReadPolicy(string text, out ReschedulePolicy policy, [NotNullWhen(false)] out string? problem)
    {
        policy = text == "on-node-failure" ? ReschedulePolicy.OnNodeFailure : ReschedulePolicy.Off;
        problem = text is "off" or "on-node-failure"
            ? null
            : $"invalid reschedule policy: {(text.Length > 64 ? text[..64] + "…" : text)}; it must be 'off' or 'on-node-failure'";
        return problem is null;
    }

    private void ReadLabels(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || !labels.Keys.Any(key => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        foreach (var key in labels.Keys.Where(key => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Problem(key) is not null))
        {
            _errors.Add(FieldErrors.Key("labels", key), Problem(key)!);
        }

        foreach (var key in (ReadOnlySpan<string>)[Constraint, Whitelist, Affinity, Policy])
        {
            if (!labels.TryGetValue(key, out var json) || json is null)
            {
                continue;
            }

            var field = FieldErrors.Key("labels", key);
            if (!TryReadList(json, out var expressions))
            {
                _errors.Add(field, "must be a JSON array of texts, such as [\"zone==a\"]");
                continue;
            }

            for (var i = 0; i < expressions.Count; i++)
            {
                Take(key, expressions[i], $"{field}[{i}]");
            }
        }
    }

    private static string? Problem(string key) => key switch
    {
        Constraint or Affinity or Whitelist or Policy => null,
        Prefix + "id" => "is made by the cluster: here it is the label 'controlplane.id'",
        Prefix + "reschedule-policy" => $"is not known; did you mean '{Policy}' with a JSON array, [\"on-node-failure\"]?",
        _ => $"is not known; of '{Prefix}' there are {Known}",
    };

    private IReadOnlyList<string>? ReadEnvironment(IReadOnlyList<string>? environment)
    {
        if (environment is null || !environment.Any(line => LabelOf(line) is not null))
        {
            return environment;
        }

        var rest = new List<string>(environment.Count);
        foreach (var line in environment)
        {
            if (LabelOf(line) is not { } label)
            {
                rest.Add(line);
                continue;
            }

            // A policy has no sign of equality of its own: 'reschedule:off' may come as the name with an empty value.
            var expression = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..];
            Take(label, label == Policy ? expression.TrimEnd('=') : expression, FieldErrors.Key("env", line.Split('=', 2)[0]));
            _written.Add(label);
        }

        return rest;
    }

    private static string? LabelOf(string line) =>
        line.StartsWith("constraint:", StringComparison.Ordinal) ? Constraint
        : line.StartsWith("affinity:", StringComparison.Ordinal) ? Affinity
        : line.StartsWith("whitelist:", StringComparison.Ordinal) ? Whitelist
        : line.StartsWith("reschedule:", StringComparison.Ordinal) ? Policy
        : null;

    private void Take(string label, string expression, string field)
    {
        if (++_count > MaxExpressions)
        {
            if (_count == MaxExpressions + 1)
            {
                _errors.Add(field, "is one too many: at most 100 expressions of placement");
            }

            return;
        }

        if (!_ofLabel.TryGetValue(label, out var list))
        {
            _ofLabel[label] = list = [];
        }

        list.Add(expression);
        switch (label)
        {
            case Constraint:
                PlacementRules.Constraint(_errors, field, expression);
                _constraints.Add(expression);
                break;
            case Affinity:
                PlacementRules.Affinity(_errors, field, expression);
                _affinities.Add(expression);
                break;
            case Whitelist:
                Allow(field, expression);
                break;
            default:
                Follow(field, expression, list.Count);
                break;
        }
    }

    /// <summary>Exact names, as in classic Swarm, whatever the key; the other operators never meant anything there and are refused.</summary>
    private void Allow(string field, string expression)
    {
        var at = expression.IndexOf("==", StringComparison.Ordinal);
        var names = at > 0 ? expression[(at + 2)..].Split('|') : [];
        if (names.Length == 0 || !names.All(Nodes.Joining.NodeNames.IsValid))
        {
            _errors.Add(field, "must be 'node==' and names of nodes with '|' between them");
            return;
        }

        var constraint = "node.name==" + string.Join('|', names).Replace(".", "\\.", StringComparison.Ordinal);
        PlacementRules.Constraint(_errors, field, constraint);
        _constraints.Add(constraint);
    }

    private void Follow(string field, string text, int policies)
    {
        if (policies > 1)
        {
            _errors.Add(field, "too many reschedule policies");
        }
        else if (TryReadPolicy(text, out var policy, out var problem))
        {
            Reschedule = policy;
        }
        else
        {
            _errors.Add(field, problem);
        }
    }

    private IReadOnlyDictionary<string, string>? WriteLabels(IReadOnlyDictionary<string, string>? labels)
    {
        if (_written.Count == 0)
        {
            return labels;
        }

        var written = labels is null ? new Dictionary<string, string>(StringComparer.Ordinal) : new Dictionary<string, string>(labels, StringComparer.Ordinal);
        foreach (var label in _written)
        {
            written[label] = WriteList(_ofLabel.GetValueOrDefault(label) ?? []);
        }

        return written;
    }

    private static bool TryReadList(string json, [NotNullWhen(true)] out List<string>? list)
    {
        list = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2 });
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            var read = new List<string>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.String)
                {
                    return false;
                }

                read.Add(element.GetString()!);
            }

            list = read;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second one: a half of a surrogate pair.
            return false;
        }
    }

    private static string WriteList(IReadOnlyList<string> list)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartArray();
            foreach (var expression in list)
            {
                writer.WriteStringValue(expression);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
