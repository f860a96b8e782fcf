namespace ControlPlane.Contracts.Rest.Settings;

/// <summary>How long the audit trail is kept.</summary>
/// <param name="Days">30 to 3650.</param>
/// <param name="Revision">Version: the ETag; 0 while nobody has changed anything.</param>
public sealed record AuditSettingsView(int Days, long Revision);

/// <summary>The body of <c>PUT /api/v1/settings/audit</c>; what is left out has its default.</summary>
public sealed record AuditSettingsRequest
{
    /// <summary>30 to 3650; 365 when left out.</summary>
    public int? Days { get; init; }
}
