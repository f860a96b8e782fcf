namespace ControlPlane.Core.Access.Administration;

/// <summary>Why somebody has a right: one grant on the way.</summary>
/// <param name="GrantId">The grant; null for the account's administrator mark.</param>
/// <param name="RoleId">Id of its role.</param>
/// <param name="RoleName">Name of its role.</param>
/// <param name="Collection">Where it was given.</param>
/// <param name="Via"><c>user</c>, <c>team</c>, <c>everyone</c>, <c>administrator</c>.</param>
/// <param name="ViaName">The team's name.</param>
public sealed record EffectiveReason(string? GrantId, string RoleId, string RoleName, string Collection, string Via, string? ViaName);

/// <summary>What a user may on one collection.</summary>
public sealed record EffectiveOnCollection(string Collection, IReadOnlyList<string> Permissions, IReadOnlyList<EffectiveReason> Because);

/// <summary>What a user may everywhere.</summary>
public sealed record EffectiveOfUser(string UserId, string UserName, bool IsAdministrator, bool Disabled, IReadOnlyList<EffectiveOnCollection> Collections);

/// <summary>What somebody may on one thing.</summary>
/// <param name="SubjectKind"><c>user</c> or <c>everyone</c>.</param>
public sealed record EffectiveSubject(string SubjectKind, string SubjectId, string SubjectName, bool Disabled, IReadOnlyList<string> Permissions, IReadOnlyList<EffectiveReason> Because);

/// <summary>Who may do what with a thing.</summary>
/// <param name="ObjectKind"><c>collection</c>, <c>container</c> or <c>node</c>.</param>
/// <param name="Truncated">There are more subjects than are listed.</param>
public sealed record EffectiveOnObject(string ObjectKind, string ObjectName, string Collection, IReadOnlyList<EffectiveSubject> Subjects, bool Truncated);
