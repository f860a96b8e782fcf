namespace ControlPlane.Core.Access;

/// <summary>What a token is limited to, within what its owner may.</summary>
/// <param name="Permissions">Only these rights.</param>
/// <param name="Collection">Only in this collection and below; null = everywhere.</param>
public sealed record TokenScope(PermissionSet Permissions, string? Collection);
