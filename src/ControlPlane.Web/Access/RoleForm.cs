namespace ControlPlane.Web.Access;

/// <summary>The form of a role.</summary>
public sealed class RoleForm
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    public List<string> Permissions { get; set; } = [];

    public long Revision { get; set; }
}
