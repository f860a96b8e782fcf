namespace ControlPlane.Core.Access.Administration;

/// <summary>A grant as people see it: subject × role × collection.</summary>
/// <param name="Id">Durable id.</param>
/// <param name="SubjectKind"><c>user</c>, <c>team</c> or <c>everyone</c>.</param>
/// <param name="SubjectId">Empty for everyone.</param>
/// <param name="SubjectName">The user's or team's name.</param>
/// <param name="RoleId">The role's id.</param>
/// <param name="RoleName">The role's name.</param>
/// <param name="Collection">On it and below.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="CreatedBy">Who gave it.</param>
public sealed record GrantView(
    string Id, string SubjectKind, string SubjectId, string SubjectName, string RoleId, string RoleName, string Collection, DateTime CreatedAt, string CreatedBy);

/// <summary>A new grant.</summary>
/// <param name="SubjectKind"><c>user</c> (service accounts, too), <c>team</c> or <c>everyone</c>.</param>
/// <param name="Role">Id or name.</param>
/// <param name="Collection">Path.</param>
/// <param name="Subject">Id or name; absent for everyone.</param>
public sealed record GrantRequest(string SubjectKind, string Role, string Collection, string? Subject = null);

/// <summary>Which grants; empty lists mean all.</summary>
public sealed record GrantFilter(IReadOnlyList<string> Subjects, IReadOnlyList<string> SubjectKinds, IReadOnlyList<string> Roles, IReadOnlyList<string> Collections);
