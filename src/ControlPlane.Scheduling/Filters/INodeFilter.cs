namespace ControlPlane.Scheduling;

/// <summary>Decides whether one node may run what is asked for.</summary>
public interface INodeFilter
{
    /// <summary>Shown to operators and used in configuration, e.g. <c>constraint</c>.</summary>
    string Name { get; }

    /// <summary>Returns the check for this request, or null when the filter has nothing to say about it.</summary>
    /// <param name="request">What is to be placed.</param>
    INodeCheck? For(PlacementRequest request);
}
