using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Agents;

/// <summary>Join, challenge and ticket: plain HTTP, open to everybody, small bodies.</summary>
internal static class AgentEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static async Task JoinAsync(HttpContext context)
    {
        if (await ReadAsync(context, AgentJson.Default.JoinRequest) is { } request)
        {
            var joining = context.RequestServices.GetRequiredService<NodeJoining>();
            var caller = Caller.Anonymous(context.GetRequestId(), context.GetRemoteAddress());
            await WriteAsync(context, await joining.JoinAsync(caller, request, context.RequestAborted), AgentJson.Default.JoinResponse);
        }
    }

    public static async Task ChallengeAsync(HttpContext context)
    {
        if (await ReadAsync(context, AgentJson.Default.ChallengeRequest) is { } request)
        {
            await WriteAsync(context, context.RequestServices.GetRequiredService<AgentTickets>().Challenge(request), AgentJson.Default.ChallengeResponse);
        }
    }

    public static async Task TicketAsync(HttpContext context)
    {
        if (await ReadAsync(context, AgentJson.Default.TicketRequest) is { } request)
        {
            await WriteAsync(context, context.RequestServices.GetRequiredService<AgentTickets>().Issue(request), AgentJson.Default.TicketResponse);
        }
    }

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } value)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Answered below: what exactly is wrong helps only who writes an agent.
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, exception.StatusCode, new AgentRefusal("request.invalid", "The body is too large or broken."));
            return null;
        }

        await RefuseAsync(context, StatusCodes.Status400BadRequest, new AgentRefusal("request.invalid", "The body is not the JSON object that is expected here."));
        return null;
    }

    private static Task WriteAsync<T>(HttpContext context, Result<T> result, JsonTypeInfo<T> type)
    {
        if (result.IsSuccess)
        {
            return context.Response.WriteAsJsonAsync(result.Value, type, contentType: null, context.RequestAborted);
        }

        var status = result.Error switch
        {
            InvalidError => StatusCodes.Status400BadRequest,
            UnauthenticatedError => StatusCodes.Status401Unauthorized,
            ForbiddenError => StatusCodes.Status403Forbidden,
            NotFoundError => StatusCodes.Status404NotFound,
            ThrottledError => StatusCodes.Status429TooManyRequests,
            UnavailableError => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status409Conflict,
        };
        if (result.Error is ThrottledError throttled)
        {
            context.Response.Headers.RetryAfter = throttled.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var message = result.Error is InvalidError invalid
            ? string.Join(" ", invalid.Fields.Select(field => $"{field.Field}: {field.Message}"))
            : result.Error.Message;
        return RefuseAsync(context, status, new AgentRefusal(result.Error.Code, message));
    }

    private static Task RefuseAsync(HttpContext context, int status, AgentRefusal refusal)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(refusal, AgentJson.Default.AgentRefusal, contentType: null, context.RequestAborted);
    }
}
