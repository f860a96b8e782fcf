using System.Data.Common;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>What no operation returned as a value: faults of the database, of the request's framing, and our bugs.</summary>
internal sealed partial class RestExceptionHandler(ILogger<RestExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var error = Translate(exception);
        if (error is RequestError { Status: StatusCodes.Status500InternalServerError })
        {
            LogBug(httpContext.Request.Method, httpContext.Request.Path, httpContext.GetRequestId(), exception);
        }
        else if (error is UnavailableError)
        {
            LogDatabase(httpContext.GetRequestId(), exception.GetBaseException().Message);
        }

        if (error is UnavailableError unavailable && IsPage(httpContext.Request))
        {
            await WritePageAsync(httpContext, unavailable);
            return true;
        }

        await new ProblemResult(error).ExecuteAsync(httpContext);
        return true;
    }

    private static bool IsPage(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !request.Headers.ContainsKey("HX-Request")
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    // Plain: the dashboard's own frame asks the database for who is looking.
    private static Task WritePageAsync(HttpContext context, UnavailableError error)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = error.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"<!DOCTYPE html><html lang=\"en\"><head><title>Not available now</title></head><body><h1>Not available now</h1><p>{HtmlEncoder.Default.Encode(error.Message)}</p>"
            + $"<p>Load the page again in a moment. Request {HtmlEncoder.Default.Encode(context.GetRequestId())}</p></body></html>",
            context.RequestAborted);
    }

    private static Error Translate(Exception exception) => exception switch
    {
        BadHttpRequestException bad when UnboundParameter().Match(bad.Message) is { Success: true } match =>
            new InvalidError(match.Groups["name"].Value, match.Groups["type"].Value == "bool" ? "must be true or false" : "has the wrong form"),
        BadHttpRequestException bad => new RequestError(
            bad.StatusCode,
            bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request.too_large" : "request.invalid",
            bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The body is too large." : "The request is not valid: a value has the wrong form."),
        DbUpdateConcurrencyException => new ConflictError("conflict.changed", "It was changed by somebody else at the same time. Read it again and retry."),
        DbUpdateException { InnerException: DbException inner } when DatabaseErrors.IsUniqueViolation(inner) =>
            new ConflictError("conflict.exists", "It exists already."),
        _ when DatabaseErrors.Of(exception) is { } fault => fault,
        _ => new RequestError(StatusCodes.Status500InternalServerError, "internal", "Something went wrong on the server. The log has more under the request id."),
    };

    // The framework's words for a query value that it could not read; the name is ours, the value is not repeated.
    [GeneratedRegex("^Failed to bind parameter \"(?<type>\\w+)\\S* (?<name>\\w+)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex UnboundParameter();

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed, request {RequestId}.")]
    private partial void LogBug(string method, string path, string requestId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The database failed for request {RequestId}: {Cause}")]
    private partial void LogDatabase(string requestId, string cause);
}

/// <summary>Registers the error handling.</summary>
internal static class Errors
{
    public static void UseErrors(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
        // 404, 405 and what else ends without a body.
        app.UseStatusCodePages(context => context.HttpContext.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            ? Bare(context.HttpContext).ExecuteAsync(context.HttpContext)
            : Task.CompletedTask);
    }

    private static ProblemResult Bare(HttpContext context) => new(context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new NotFoundError("route.not_found", "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => new RequestError(StatusCodes.Status405MethodNotAllowed, "route.method", $"This path takes {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => new RequestError(StatusCodes.Status415UnsupportedMediaType, "request.content_type", "Send the body as application/json (UTF-8)."),
        var status => new RequestError(status, "request.invalid", "The request is not valid."),
    });
}
