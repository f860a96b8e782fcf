using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Results;

/// <summary>An expected outcome that is not success. The surfaces translate it; nobody throws it.</summary>
/// <param name="Code">Stable code for machines, e.g. <c>container.name_taken</c>.</param>
/// <param name="Message">A sentence with cause and fix.</param>
public abstract record Error(string Code, string Message);

/// <summary>It does not exist, or the caller may not know that it does.</summary>
public sealed record NotFoundError(string Code, string Message) : Error(Code, Message);

/// <summary>The state of things forbids it: a name is taken, a node is draining, a container is running.</summary>
public sealed record ConflictError(string Code, string Message) : Error(Code, Message);

/// <summary>The request is malformed; every problem is listed.</summary>
public sealed record InvalidError(IReadOnlyList<FieldError> Fields)
    : Error("request.invalid", Fields.Count == 1 ? $"{Fields[0].Field}: {Fields[0].Message}" : $"{Fields.Count} fields are not valid.")
{
    public InvalidError(string field, string message) : this([new FieldError(field, message)])
    {
    }
}

/// <summary>Nobody is signed in.</summary>
public sealed record UnauthenticatedError(string Code, string Message) : Error(Code, Message);

/// <summary>Signed in, but the right is missing.</summary>
public sealed record ForbiddenError(string Code, string Message) : Error(Code, Message)
{
    /// <summary>What of the request is not admitted, and why; empty when it is not about fields.</summary>
    public IReadOnlyList<FieldError> Fields { get; init; } = [];
}

/// <summary>No node fits; <see cref="Detail"/> is the explanation as data.</summary>
public sealed record PlacementError(string Message, object? Detail) : Error("placement.no_node_fits", Message);

/// <summary><c>If-Match</c> is missing (428) or stale (412).</summary>
public sealed record PreconditionError(string Code, string Message, long CurrentRevision) : Error(Code, Message)
{
    public bool Missing => string.Equals(Code, "precondition.required", StringComparison.Ordinal);
}

/// <summary>Something outside is away or too slow: a node, an engine, the database. Nothing half done.</summary>
public sealed record UnavailableError(string Code, string Message, int RetryAfterSeconds = 2) : Error(Code, Message);

/// <summary>The engine refused; its own text.</summary>
public sealed record EngineError(string Code, string Message, int EngineStatus) : Error(Code, Message);

/// <summary>Too many attempts.</summary>
public sealed record ThrottledError(string Code, string Message, int RetryAfterSeconds) : Error(Code, Message);
