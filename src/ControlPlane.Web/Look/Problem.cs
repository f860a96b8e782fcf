using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Results;

namespace ControlPlane.Web.Look;

/// <summary>An error as people read it: cause, fix, and the id to ask about it.</summary>
public sealed record Problem(int Status, string Code, string Title, string Text, string Fix, string RequestId, IReadOnlyList<FieldError> Fields)
{
    public static Problem From(Error error, string requestId)
    {
        ArgumentNullException.ThrowIfNull(error);
        var (title, fix) = error switch
        {
            NotFoundError => ("Not there", "It may have been removed, or you may not see it. Go back to the list."),
            ForbiddenError { Fields.Count: > 0 } => ("Not admitted", "Change the fields that are marked, or ask an administrator for the rights they name."),
            ForbiddenError => ("Not allowed", "Ask an administrator for this right."),
            UnauthenticatedError => ("Not signed in", "Sign in and try again."),
            ConflictError => ("Not possible now", ""),
            InvalidError => ("Not valid", "Correct the fields that are marked."),
            PlacementError => ("No node fits", "Loosen what is asked for, or add a node."),
            PreconditionError => ("Changed meanwhile", "Somebody else changed it. Load the page again and repeat your change."),
            UnavailableError => ("Not reachable", "Nothing was changed. Try again in a moment."),
            EngineError => ("Refused by the engine", ""),
            ThrottledError => ("Too many attempts", "Wait a moment."),
            _ => ("It did not work", ""),
        };
        return new Problem(ErrorStatus.Of(error), error.Code, title, error.Message, fix, requestId, ErrorFields.Of(error));
    }

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Of(string field) => Fields.FirstOrDefault(f => string.Equals(f.Field, field, StringComparison.Ordinal))?.Message;
}
