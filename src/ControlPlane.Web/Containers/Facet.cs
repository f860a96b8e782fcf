using ControlPlane.Core.Containers;
using ControlPlane.Web.Look;

namespace ControlPlane.Web.Containers;

/// <summary>One group of filters with counts.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Name">Name in the address.</param>
/// <param name="Values">Values with counts.</param>
/// <param name="Chosen">Those chosen now.</param>
/// <param name="Look">How a value is shown; null = as it is.</param>
public sealed record Facet(string Title, string Name, IReadOnlyList<FacetValue> Values, IReadOnlyList<string> Chosen, Func<string, StateLook>? Look)
{
    private const int Shown = 12;

    /// <summary>The most frequent ones, and always those that are chosen.</summary>
    public IEnumerable<FacetValue> Visible =>
        Values.Take(Shown)
            .Concat(Values.Skip(Shown).Where(value => Chosen.Contains(value.Value)))
            .Concat(Chosen.Where(value => Values.All(known => !string.Equals(known.Value, value, StringComparison.Ordinal))).Select(value => new FacetValue(value, 0)));

    public int Hidden => Math.Max(0, Values.Count - Shown);
}
