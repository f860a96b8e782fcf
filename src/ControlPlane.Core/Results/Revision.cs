namespace ControlPlane.Core.Results;

/// <summary><c>If-Match</c> of things whose revision counts up with each change.</summary>
public static class Revision
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long Any = -1;

    /// <summary>428 when nothing was sent, 412 when it is stale, null when it fits.</summary>
    public static PreconditionError? Check(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        Any => null,
        { } seen when seen == current => null,
        _ => Stale(current),
    };

    public static PreconditionError Stale(long current) => new("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current);
}
