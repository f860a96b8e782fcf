namespace ControlPlane.Scheduling.Filters;

/// <summary>The filters every placement goes through.</summary>
internal static class StandardFilters
{
    /// <summary>
    /// Cheap ones first: a field, a set, a few subtractions, a look-up, a dictionary and perhaps a pattern; last what may have to
    /// walk over the containers of a node.
    /// </summary>
    public static readonly IReadOnlyList<INodeFilter> InOrder =
    [
        new HealthFilter(),
        new AvailabilityFilter(),
        new SlotsFilter(),
        new AllowedNodesFilter(),
        new RefusedFilter(),
        new ResourcesFilter(),
        new PortFilter(),
        new PlatformFilter(),
        new EngineVersionFilter(),
        new ConstraintFilter(),
        new DependencyFilter(),
        new AffinityFilter(),
    ];
}
