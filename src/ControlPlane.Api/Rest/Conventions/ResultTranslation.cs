using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>From Core's results to HTTP.</summary>
internal static class ResultTranslation
{
    /// <summary><c>(await operation).ToHttp(TypedResults.Ok)</c>.</summary>
    public static Results<TOk, ProblemResult> ToHttp<T, TOk>(this Result<T> result, Func<T, TOk> onSuccess) where TOk : IResult =>
        result.IsSuccess ? onSuccess(result.Value) : new ProblemResult(result.Error);

    /// <summary>204 for success without a value.</summary>
    public static Results<NoContent, ProblemResult> ToHttp(this Result<Done> result) =>
        result.IsSuccess ? TypedResults.NoContent() : new ProblemResult(result.Error);

    public static ProblemResult ToProblem(this Error error) => new(error);
}
