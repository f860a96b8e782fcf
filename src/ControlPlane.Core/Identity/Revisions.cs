using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity;

/// <summary>Compares the revision that somebody saw with what is there.</summary>
internal static class Revisions
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long Any = -1;

    public static PreconditionError? Check(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        Any => null,
        { } seen when seen == current => null,
        _ => Stale(current),
    };

    public static PreconditionError Stale(long current) => new("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current);
}
