using System.Globalization;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>ETags are revisions of the intent: <c>"7"</c>.</summary>
internal static class Preconditions
{
    /// <summary>The value of <see cref="ReadIfMatch"/> for <c>*</c>.</summary>
    public const long Any = -1;

    public static string ETag(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>Null when the header is missing, <see cref="Any"/> for <c>*</c>.</summary>
    public static Result<long?> ReadIfMatch(HttpContext context)
    {
        var text = context.Request.Headers.IfMatch.ToString();
        return text switch
        {
            "" => (long?)null,
            "*" => Any,
            _ when EntityTagHeaderValue.TryParse(text, out var tag) && !tag.IsWeak
                && long.TryParse(tag.Tag.AsSpan()[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) => revision,
            // Somebody else's tag matches nothing of ours.
            _ => new InvalidError("If-Match", "must be one ETag of this server, e.g. \"7\""),
        };
    }

    /// <summary>For changes of specs: 428 without the header, 412 with a stale one.</summary>
    public static Error? Check(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        Any => null,
        { } seen when seen == current => null,
        _ => new PreconditionError("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current),
    };

    /// <summary>200 with an ETag, or 304 when the client has it already.</summary>
    public static Results<Ok<T>, StatusCodeHttpResult> OkOrNotModified<T>(HttpContext context, long revision, T value)
    {
        var tag = ETag(revision);
        context.Response.Headers.ETag = tag;
        var seen = context.Request.GetTypedHeaders().IfNoneMatch;
        return seen.Any(other => other.Equals(EntityTagHeaderValue.Any) || other.Compare(new EntityTagHeaderValue(tag), useStrongComparison: false))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(value);
    }
}
