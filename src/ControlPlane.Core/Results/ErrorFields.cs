using ControlPlane.Contracts.Rest;

namespace ControlPlane.Core.Results;

/// <summary>The fields an error is about: one table for all surfaces.</summary>
public static class ErrorFields
{
    public static IReadOnlyList<FieldError> Of(Error error) => error switch
    {
        InvalidError invalid => invalid.Fields,
        ForbiddenError forbidden => forbidden.Fields,
        _ => [],
    };
}
