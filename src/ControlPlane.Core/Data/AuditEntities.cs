namespace ControlPlane.Core.Data;

/// <summary>Who did what; never changed once written, except that it is given its place in the chain.</summary>
public sealed class AuditEntity
{
    public Guid Id { get; set; }
    public DateTime At { get; set; }
    public required string ActorKind { get; set; }
    public required string ActorId { get; set; }
    public required string ActorName { get; set; }
    public string? CredentialId { get; set; }
    public string? RemoteAddress { get; set; }
    public required string Action { get; set; }
    public required string ObjectKind { get; set; }
    public required string ObjectId { get; set; }
    public string? ObjectName { get; set; }

    /// <summary><c>ok</c>, <c>refused</c> or <c>failed</c>.</summary>
    public required string Result { get; set; }
    public string? Detail { get; set; }
    public required string RequestId { get; set; }

    /// <summary>How many alike this row stands for (anonymous refusals are aggregated).</summary>
    public int Count { get; set; } = 1;

    /// <summary>What was asked for, secrets masked; a JSON object.</summary>
    public string? ParametersJson { get; set; }

    /// <summary>The object before and after the change, secrets masked.</summary>
    public string? BeforeJson { get; set; }
    public string? AfterJson { get; set; }

    /// <summary>The batch of the chain that it was sealed in; null until then.</summary>
    public long? Seal { get; set; }

    /// <summary>Its place in that batch, from 0.</summary>
    public int SealIndex { get; set; }
}

/// <summary>One link of the audit chain: the hash over its entries and over the link before.</summary>
public sealed class AuditSealEntity
{
    /// <summary>From 1, without gaps.</summary>
    public long Number { get; set; }
    public DateTime SealedAt { get; set; }
    public int Entries { get; set; }

    /// <summary>SHA-256, hex.</summary>
    public required string PreviousHash { get; set; }
    public required string Hash { get; set; }

    /// <summary>Its entries have been deleted because they were older than what is kept; the hash stays.</summary>
    public bool Expired { get; set; }
}
