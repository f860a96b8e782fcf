using System.Text.RegularExpressions;
using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>What a label that is given to a node on the server may look like.</summary>
internal static partial class LabelRules
{
    public const int MaxLabels = 64;
    public const int MaxKey = 128;
    public const int MaxValue = 512;

    /// <summary>Labels of ours; nobody else may set them.</summary>
    public const string ReservedPrefix = "controlplane.";

    public static void Check(string field, IReadOnlyDictionary<string, string?>? labels, List<FieldError> errors)
    {
        if (labels is null)
        {
            return;
        }

        if (labels.Count > MaxLabels)
        {
            errors.Add(new FieldError(field, $"At most {MaxLabels} labels."));
            return;
        }

        foreach (var (key, value) in labels)
        {
            var path = $"{field}.{(key.Length > 40 ? key[..40] + "…" : key)}";
            if (!IsKey(key))
            {
                errors.Add(new FieldError(path, $"A key is 1 to {MaxKey} letters, digits, '.', '_', '-' or '/', and begins and ends with a letter or digit."));
            }
            else if (key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add(new FieldError(path, $"Keys that begin with '{ReservedPrefix}' are reserved."));
            }

            if (value is not null && (value.Length > MaxValue || value.Any(char.IsControl)))
            {
                errors.Add(new FieldError(path, $"A value is at most {MaxValue} characters without control characters."));
            }
        }
    }

    public static bool IsKey(string key) => key.Length is > 0 and <= MaxKey && KeyShape().IsMatch(key);

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyShape();
}
