namespace ControlPlane.Contracts.Rest.Operations;

/// <summary>A piece of work with a beginning and an end.</summary>
public sealed record OperationView
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>What, e.g. <c>container.create</c>, <c>containers.stop</c>, <c>image.pull</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>running succeeded failed cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>0 to 100; -1 = unknown.</summary>
    public required int Progress { get; init; }

    /// <summary>What is going on, for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Kind of what it is about.</summary>
    public required string TargetKind { get; init; }

    /// <summary>Id of what it is about; empty for several.</summary>
    public required string TargetId { get; init; }

    /// <summary>Its name.</summary>
    public string TargetName { get; init; } = "";

    /// <summary>Who began it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Begin, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>End, UTC; null while running.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>May be cancelled now.</summary>
    public bool Cancellable { get; init; }

    /// <summary>Per target of a bulk operation.</summary>
    public IReadOnlyList<OperationItemView> Items { get; init; } = [];

    /// <summary>Why it failed.</summary>
    public OperationErrorView? Error { get; init; }
}

/// <summary>One target of a bulk operation.</summary>
/// <param name="Id">Id of the target.</param>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>waiting running succeeded failed</c>.</param>
/// <param name="Message">Why it failed; empty otherwise.</param>
public sealed record OperationItemView(string Id, string Name, string State, string Message);

/// <summary>Why an operation failed.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Status">The HTTP status that a direct answer would have had.</param>
public sealed record OperationErrorView(string Code, string Message, int Status);
