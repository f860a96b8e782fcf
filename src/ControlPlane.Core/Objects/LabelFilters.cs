namespace ControlPlane.Core.Objects;

/// <summary>Label filters in Docker's form: <c>key</c> or <c>key=value</c>, all of which must hold; those with '!' must not.</summary>
/// <param name="With">Must be there.</param>
/// <param name="Without">Must not be there.</param>
public sealed record LabelFilters(IReadOnlyList<string> With, IReadOnlyList<string> Without)
{
    public static readonly LabelFilters None = new([], []);

    public bool Pass(IReadOnlyDictionary<string, string> labels) => With.All(label => Has(labels, label)) && !Without.Any(label => Has(labels, label));

    private static bool Has(IReadOnlyDictionary<string, string> labels, string filter)
    {
        var equals = filter.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? labels.ContainsKey(filter)
            : labels.TryGetValue(filter[..equals], out var value) && string.Equals(value, filter[(equals + 1)..], StringComparison.Ordinal);
    }
}
