using System.Globalization;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Images;

/// <summary>Which images: values of one filter are alternatives (labels all have to hold), filters are ANDed. Names are the engine's.</summary>
public sealed record ImageFilter
{
    public const string References = "reference";
    public const string Label = "label";
    public const string NotLabel = "label!";
    public const string Before = "before";
    public const string Since = "since";
    public const string Until = "until";
    public const string Dangling = "dangling";

    /// <summary>Classic Swarm's: only what these nodes have.</summary>
    public const string Node = "node";

    private const int LongestText = 1024;

    internal IReadOnlyList<PathGlob> ReferenceGlobs { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<string> NotLabels { get; init; } = [];

    /// <summary>Images.</summary>
    public IReadOnlyList<string> OlderThan { get; init; } = [];

    /// <summary>Images.</summary>
    public IReadOnlyList<string> NewerThan { get; init; } = [];

    /// <summary>UTC.</summary>
    public DateTime? CreatedUntil { get; init; }

    /// <summary>Only those without a tag (true) or with one (false).</summary>
    public bool? IsDangling { get; init; }

    /// <summary>Names or ids.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <param name="filters">By name.</param>
    /// <param name="now">What durations are counted from, UTC.</param>
    public static Result<ImageFilter> Read(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(filters);
        if (filters.Values.Any(values => values.Any(value => value is null || value.Length > LongestText)))
        {
            return new InvalidError("filters", $"must not have values of more than {LongestText} characters");
        }

        var globs = new List<PathGlob>();
        foreach (var pattern in Of(References))
        {
            if (!PathGlob.TryParse(pattern, out var glob))
            {
                return new InvalidError("filters", $"'{ImageNames.Shown(pattern)}' is no pattern of image names, such as 'nginx*' or 'registry.example.com/*/*:1.?'");
            }

            globs.Add(glob);
        }

        DateTime? until = null;
        foreach (var text in Of(Until))
        {
            if (!UntilTime.TryParse(text, now, out var time))
            {
                return new InvalidError("filters", "until must be a duration such as 24h, Unix seconds or an RFC 3339 time");
            }

            until = until is { } other && other < time ? other : time;
        }

        bool? dangling = null;
        foreach (var text in Of(Dangling))
        {
            bool? value = text switch { "1" or "true" or "True" or "TRUE" => true, "0" or "false" or "False" or "FALSE" => false, _ => null };
            if (value is null || (dangling is not null && dangling != value))
            {
                return new InvalidError("filters", string.Create(CultureInfo.InvariantCulture, $"dangling must be true or false, once"));
            }

            dangling = value;
        }

        return new ImageFilter
        {
            ReferenceGlobs = globs,
            Labels = Of(Label),
            NotLabels = Of(NotLabel),
            OlderThan = Of(Before),
            NewerThan = Of(Since),
            CreatedUntil = until,
            IsDangling = dangling,
            Nodes = Of(Node),
        };

        IReadOnlyList<string> Of(string name) => filters.GetValueOrDefault(name) ?? [];
    }

    internal bool PassesLabels(IReadOnlyDictionary<string, string> labels) =>
        Labels.All(label => Has(labels, label)) && !NotLabels.Any(label => Has(labels, label));

    private static bool Has(IReadOnlyDictionary<string, string> labels, string label)
    {
        var cut = label.IndexOf('=', StringComparison.Ordinal);
        return labels.TryGetValue(cut < 0 ? label : label[..cut], out var value) && (cut < 0 || string.Equals(value, label[(cut + 1)..], StringComparison.Ordinal));
    }
}
