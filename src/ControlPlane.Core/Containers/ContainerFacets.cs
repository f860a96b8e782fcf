namespace ControlPlane.Core.Containers;

/// <summary>One value of a facet and how many containers have it.</summary>
public sealed record FacetValue(string Value, int Count);

/// <summary>
/// What the list could be narrowed to. The counts of a facet respect the other facets' choices but not its own, so that a
/// second value can be added to a choice.
/// </summary>
public sealed record ContainerFacets(
    IReadOnlyList<FacetValue> States, IReadOnlyList<FacetValue> Nodes, IReadOnlyList<FacetValue> Images, IReadOnlyList<FacetValue> Health);
