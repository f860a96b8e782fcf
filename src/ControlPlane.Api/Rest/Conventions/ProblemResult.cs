using System.Globalization;
using System.Reflection;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>Writes an error as a problem.</summary>
internal sealed class ProblemResult(Error error) : IResult, IEndpointMetadataProvider
{
    private const string ContentType = "application/problem+json";

    public Error Error { get; } = error;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        foreach (var status in new[] { 400, 401, 403, 404, 409, 503 })
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [ContentType]));
        }
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var status = StatusOf(Error);
        var retryAfter = RetryAfterOf(Error);
        httpContext.Response.StatusCode = status;
        if (retryAfter is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var body = new ProblemBody
        {
            Type = $"urn:controlplane:problem:{Error.Code}",
            Title = ReasonPhrases.GetReasonPhrase(status),
            Status = status,
            Detail = Error.Message,
            Instance = httpContext.Request.Path.ToUriComponent(),
            Code = Error.Code,
            RequestId = httpContext.GetRequestId(),
            Errors = ErrorFields.Of(Error) is not { Count: > 0 } fields ? null : fields.GroupBy(field => field.Field, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Select(field => field.Message).ToArray(), StringComparer.Ordinal),
            RetryAfter = retryAfter,
            Placement = (Error as PlacementError)?.Detail,
            Revision = (Error as PreconditionError)?.CurrentRevision,
        };
        return httpContext.Response.WriteAsJsonAsync(body, options: null, ContentType, httpContext.RequestAborted);
    }

    private static int StatusOf(Error error) => error is RequestError request ? request.Status : ErrorStatus.Of(error);

    private static int? RetryAfterOf(Error error) => error switch
    {
        UnavailableError unavailable => unavailable.RetryAfterSeconds,
        ThrottledError throttled => throttled.RetryAfterSeconds,
        RequestError request => request.RetryAfterSeconds,
        _ => null,
    };
}
