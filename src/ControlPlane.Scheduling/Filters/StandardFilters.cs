namespace ControlPlane.Scheduling.Filters;

/// <summary>The filters every placement goes through.</summary>
internal static class StandardFilters
{
    /// <summary>Cheap ones first: a field, a set, two subtractions, a look-up, a dictionary and perhaps a pattern.</summary>
    public static readonly IReadOnlyList<INodeFilter> InOrder =
    [
        new HealthFilter(),
        new AvailabilityFilter(),
        new AllowedNodesFilter(),
        new ResourcesFilter(),
        new PortFilter(),
        new ConstraintFilter(),
    ];
}
