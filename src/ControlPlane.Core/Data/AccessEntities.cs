namespace ControlPlane.Core.Data;

/// <summary>A group of users that grants are given to.</summary>
public sealed class TeamEntity : IVersioned
{
    public required string Id { get; set; }
    public required string Name { get; set; }

    /// <summary>Case-folded name: the unique one.</summary>
    public required string FoldedName { get; set; }
    public string? Description { get; set; }

    /// <summary>Which people of the directory are members; null = none are.</summary>
    public string? DirectoryRuleJson { get; set; }

    /// <summary>Which claims of which OpenID provider make a member; a JSON array, null = none.</summary>
    public string? ClaimRulesJson { get; set; }
    public DateTime CreatedAt { get; set; }
    public long Version { get; set; }
}

/// <summary>Somebody belongs to a team, by word of one source; by several when there are several rows.</summary>
public sealed class TeamMemberEntity
{
    public required string TeamId { get; set; }
    public required string UserId { get; set; }

    /// <summary><c>manual</c>, <c>ldap</c>, or <c>oidc:</c> and the provider's id. Only the source may take it away.</summary>
    public required string Source { get; set; }
    public DateTime AddedAt { get; set; }
}

/// <summary>A role that people made; the built-in ones are in code.</summary>
public sealed class RoleEntity : IVersioned
{
    public required string Id { get; set; }
    public required string Name { get; set; }
    public required string FoldedName { get; set; }
    public string? Description { get; set; }

    /// <summary>Names of permissions, a JSON array.</summary>
    public required string PermissionsJson { get; set; }
    public DateTime CreatedAt { get; set; }
    public long Version { get; set; }
}

/// <summary>A place in the tree that things belong to and grants are given on.</summary>
public sealed class CollectionEntity : IVersioned
{
    /// <summary><c>/prod</c> or <c>/prod/web</c>.</summary>
    public required string Path { get; set; }

    /// <summary>Case-folded path: the unique one.</summary>
    public required string FoldedPath { get; set; }
    public string? Description { get; set; }

    /// <summary>What containers in it must and must not have; null = nothing is asked.</summary>
    public string? PolicyJson { get; set; }
    public DateTime CreatedAt { get; set; }
    public long Version { get; set; }
}

/// <summary>Subject × role × collection.</summary>
public sealed class GrantEntity
{
    public required string Id { get; set; }

    /// <summary><c>user</c> (service accounts, too), <c>team</c> or <c>everyone</c>.</summary>
    public required string SubjectKind { get; set; }

    /// <summary>Empty for everyone.</summary>
    public required string SubjectId { get; set; }

    /// <summary>Id of a role; built-in ones have names as ids.</summary>
    public required string RoleId { get; set; }
    public required string Collection { get; set; }
    public DateTime CreatedAt { get; set; }
    public required string CreatedBy { get; set; }
}
