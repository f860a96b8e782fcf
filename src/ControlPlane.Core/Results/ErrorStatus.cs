namespace ControlPlane.Core.Results;

/// <summary>The HTTP status of an error: one table for direct answers and for operations.</summary>
public static class ErrorStatus
{
    public static int Of(Error error) => error switch
    {
        InvalidError => 400,
        UnauthenticatedError => 401,
        ForbiddenError => 403,
        NotFoundError => 404,
        ConflictError => 409,
        PlacementError => 409,
        PreconditionError precondition => precondition.Missing ? 428 : 412,
        ThrottledError => 429,
        // What the engine blames on the request stays a 4xx; its own troubles are a bad gateway.
        EngineError { EngineStatus: >= 400 and < 500 } engine => engine.EngineStatus,
        EngineError => 502,
        UnavailableError => 503,
        _ => 500,
    };
}
