namespace ControlPlane.Core.Data;

/// <summary>An entity whose <see cref="Version"/> is the concurrency token and the ETag; the context counts it up.</summary>
public interface IVersioned
{
    long Version { get; set; }
}

public sealed class JoinTokenEntity
{
    public required string Id { get; set; }
    public required string SecretHash { get; set; }
    public required string Name { get; set; }
    public required string LabelsJson { get; set; }
    public DateTime CreatedAt { get; set; }
    public required string CreatedBy { get; set; }
    public DateTime ExpiresAt { get; set; }
    public int MaxUses { get; set; }
    public int Uses { get; set; }
    public bool RequireApproval { get; set; }

    /// <summary>The collection that its nodes join.</summary>
    public required string Collection { get; set; }
    public DateTime? RevokedAt { get; set; }
}

public sealed class NodeEntity : IVersioned
{
    public required string Id { get; set; }
    public required string Name { get; set; }

    /// <summary>Subject public key info, base64.</summary>
    public required string PublicKey { get; set; }

    /// <summary>SHA-256 of the public key, hex: unique, finds a host that joins again.</summary>
    public required string KeyThumbprint { get; set; }
    public required string LabelsJson { get; set; }
    public required string Availability { get; set; }

    /// <summary>Declared generic resources, name to count; null = none.</summary>
    public string? GenericResourcesJson { get; set; }
    public bool Approved { get; set; }
    public string? JoinTokenId { get; set; }
    public DateTime JoinedAt { get; set; }
    public string? EngineId { get; set; }

    /// <summary>The collection it belongs to: who may see it and schedule on it.</summary>
    public required string Collection { get; set; }

    /// <summary>Last known <c>NodeDescription</c>, written behind.</summary>
    public string? DescriptionJson { get; set; }
    public string? AgentVersion { get; set; }

    /// <summary>Written behind, at most once a minute.</summary>
    public DateTime? LastSeenAt { get; set; }
    public long Version { get; set; }
}

/// <summary>What somebody asked for: the intent. Observed state is never here.</summary>
public sealed class ContainerEntity : IVersioned
{
    /// <summary>Cluster id: 64 hex digits.</summary>
    public required string Id { get; set; }

    /// <summary>Unique in the cluster; null once removed on a dead node (the tombstone frees the name).</summary>
    public string? Name { get; set; }
    public required string NodeId { get; set; }
    public required string Image { get; set; }

    /// <summary>Admitted body of the engine's create call.</summary>
    public required string SpecJson { get; set; }

    /// <summary>What the scheduler was asked, to place it again and to explain it.</summary>
    public required string RequestJson { get; set; }

    /// <summary>Winner's scores, the next few and the counts per filter.</summary>
    public required string PlacementJson { get; set; }
    public ContainerPhase Phase { get; set; }
    public bool Start { get; set; }
    public bool Pull { get; set; }
    public required string Collection { get; set; }
    public required string Owner { get; set; }
    public DateTime CreatedAt { get; set; }
    public int Generation { get; set; }
    public string? EngineId { get; set; }
    public string? OperationId { get; set; }

    /// <summary>Why it ended or waits.</summary>
    public string? Note { get; set; }
    public long Version { get; set; }
}

public enum ContainerPhase
{
    /// <summary>Committed, not yet seen on its node.</summary>
    Creating = 0,

    /// <summary>Seen on its node.</summary>
    Present = 1,

    /// <summary>To be removed; a tombstone while the node is away.</summary>
    Removing = 2,
}

public sealed class OperationEntity
{
    public required string Id { get; set; }
    public required string Kind { get; set; }
    public required string State { get; set; }
    public required string TargetKind { get; set; }
    public required string TargetId { get; set; }
    public string? TargetName { get; set; }
    public required string Collection { get; set; }
    public required string CreatedBy { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? EndedAt { get; set; }
    public int Progress { get; set; }
    public string? Message { get; set; }
    public string? ItemsJson { get; set; }
    public string? ResultJson { get; set; }
    public string? ErrorCode { get; set; }
    public string? ErrorMessage { get; set; }
    public int ErrorStatus { get; set; }
}

/// <summary>What happened in the cluster, for people; written behind in batches.</summary>
public sealed class EventEntity
{
    public Guid Id { get; set; }
    public DateTime At { get; set; }
    public required string Kind { get; set; }
    public string? NodeId { get; set; }
    public string? ObjectId { get; set; }
    public string? ObjectName { get; set; }
    public required string Text { get; set; }
}

public sealed class IdempotencyEntity
{
    public required string Principal { get; set; }
    public required string Key { get; set; }
    public required string RequestHash { get; set; }
    public DateTime CreatedAt { get; set; }

    /// <summary>0 while the first request is in flight.</summary>
    public int Status { get; set; }
    public string? ContentType { get; set; }
    public string? Location { get; set; }
    public byte[]? Body { get; set; }
}

/// <summary>A secret of the server (CA key, …), wrapped by the key in the data directory.</summary>
public sealed class SecretEntity
{
    public required string Name { get; set; }
    public required byte[] Wrapped { get; set; }
    public DateTime CreatedAt { get; set; }
}

/// <summary>Settings of the cluster that belong together, decided by people at run time.</summary>
public sealed class SettingEntity : IVersioned
{
    /// <summary>E.g. <c>scheduling</c>.</summary>
    public required string Name { get; set; }
    public required string ValueJson { get; set; }
    public DateTime ChangedAt { get; set; }
    public required string ChangedBy { get; set; }
    public long Version { get; set; }
}

/// <summary>The leader lease; one row. Every start takes the next epoch.</summary>
public sealed class LeaseEntity
{
    public int Id { get; set; }
    public long Epoch { get; set; }
    public required string Holder { get; set; }
    public DateTime TakenAt { get; set; }
}
