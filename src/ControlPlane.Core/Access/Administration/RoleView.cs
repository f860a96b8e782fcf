namespace ControlPlane.Core.Access.Administration;

/// <summary>A role as people see it.</summary>
/// <param name="Id">Built-in roles have speaking ids, e.g. <c>view-only</c>.</param>
/// <param name="Name">Unique without regard to case.</param>
/// <param name="Description">What it is for.</param>
/// <param name="BuiltIn">Cannot be changed or removed.</param>
/// <param name="Permissions">Names of the rights in it.</param>
/// <param name="Grants">How many grants use it.</param>
/// <param name="Revision">The ETag; 0 for built-in ones.</param>
public sealed record RoleView(string Id, string Name, string Description, bool BuiltIn, IReadOnlyList<string> Permissions, int Grants, long Revision);

/// <summary>A new role, or the whole of a changed one.</summary>
public sealed record RoleRequest(string Name, IReadOnlyList<string> Permissions, string? Description = null);
