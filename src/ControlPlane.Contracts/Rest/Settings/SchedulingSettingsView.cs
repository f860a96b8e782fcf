namespace ControlPlane.Contracts.Rest.Settings;

/// <summary>How the cluster places containers.</summary>
/// <param name="Strategy">Of requests that name none: <c>spread</c>, <c>binpack</c> or <c>random</c>.</param>
/// <param name="OvercommitPercent">How far reservations may exceed the memory and CPUs of a node, 0 to 1000.</param>
/// <param name="Revision">Version: the ETag; 0 while nobody has changed anything.</param>
public sealed record SchedulingSettingsView(string Strategy, int OvercommitPercent, long Revision);

/// <summary>The body of <c>PUT /api/v1/settings/scheduling</c>; what is left out has its default.</summary>
public sealed record SchedulingSettingsRequest
{
    /// <summary>Of requests that name none; <c>spread</c> when left out.</summary>
    public string? Strategy { get; init; }

    /// <summary>0 to 1000; 5 when left out.</summary>
    public int? OvercommitPercent { get; init; }
}
