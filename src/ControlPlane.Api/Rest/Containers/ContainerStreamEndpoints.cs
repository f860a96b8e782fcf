using System.Globalization;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Rest.Containers;

/// <summary>What comes from a container's node: inspect, logs, stats, top.</summary>
internal static class ContainerStreamEndpoints
{
    public static void MapContainerStreams(this RouteGroupBuilder containers)
    {
        containers.MapGet("/{id}/inspect", InspectAsync).WithName("InspectContainer").RequirePermission(Permission.ContainersInspect);
        containers.MapGet("/{id}/logs", LogsAsync).WithName("GetContainerLogs").RequirePermission(Permission.ContainersLogs).EndsWithCaller();
        containers.MapGet("/{id}/stats", StatsAsync).WithName("GetContainerStats").RequirePermission(Permission.ContainersStats).EndsWithCaller();
        containers.MapGet("/{id}/top", TopAsync).WithName("GetContainerProcesses").RequirePermission(Permission.ContainersTop);
    }

    private static Task<IResult> InspectAsync(HttpContext context, string id, Caller caller, ContainerStreams streams) =>
        CopyAsync(context, streams.InspectAsync(caller, id, context.RequestAborted), "application/json");

    private static Task<IResult> StatsAsync(HttpContext context, string id, Caller caller, ContainerStreams streams, bool stream = false) =>
        CopyAsync(context, streams.StatsAsync(caller, id, stream, context.RequestAborted), "application/json");

    private static Task<IResult> TopAsync(HttpContext context, string id, Caller caller, ContainerStreams streams, string? args = null) =>
        CopyAsync(context, streams.TopAsync(caller, id, args, context.RequestAborted), "application/json");

    /// <summary>Plain text, a line a line; <c>format=raw</c> gives the engine's own frames.</summary>
    private static async Task<IResult> LogsAsync(HttpContext context, string id, Caller caller, ContainerStreams streams)
    {
        var request = LogQuery.Read(context);
        if (!request.IsSuccess)
        {
            return request.Error.ToProblem();
        }

        var (logs, raw) = request.Value;
        var opened = await streams.LogsAsync(caller, id, logs, context.RequestAborted);
        if (!opened.IsSuccess)
        {
            return opened.Error.ToProblem();
        }

        await using var reply = opened.Value;
        if (raw)
        {
            await SendAsync(context, reply.Body, "application/vnd.docker.raw-stream");
        }
        else
        {
            await SendAsync(context, new LogTextStream(reply.Body, LogTextStream.IsFramed(reply.Head)), "text/plain; charset=utf-8");
        }

        return TypedResults.Empty;
    }

    private static async Task<IResult> CopyAsync(HttpContext context, Task<Result<TunnelReply>> opening, string contentType)
    {
        var opened = await opening;
        if (!opened.IsSuccess)
        {
            return opened.Error.ToProblem();
        }

        await using var reply = opened.Value;
        await SendAsync(context, reply.Body, contentType);
        return TypedResults.Empty;
    }

    private static async Task SendAsync(HttpContext context, Stream body, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var lifetime = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            // The head goes out at once: a follower of a silent container must see that it is connected.
            await context.Response.StartAsync(ended.Token);
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await body.ReadAsync(buffer, ended.Token)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), ended.Token);
                await context.Response.Body.FlushAsync(ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader has gone, or the server stops.
        }
        catch (IOException)
        {
            // The node has gone in the middle: the client must not take it for the end.
            context.Abort();
        }
    }

    private static class LogQuery
    {
        private static readonly string[] Known = ["follow", "tail", "since", "until", "timestamps", "stdout", "stderr", "format"];

        public static Result<(LogRequest Logs, bool Raw)> Read(HttpContext context)
        {
            var problems = new List<FieldError>();
            var query = context.Request.Query;
            foreach (var name in query.Keys.Where(name => !Known.Contains(name)))
            {
                problems.Add(new FieldError(name, $"is not a known query parameter; known are {string.Join(", ", Known)}"));
            }

            var tail = 0;
            var hasTail = query.TryGetValue("tail", out var tailText) && tailText != "all";
            if (hasTail && !int.TryParse(tailText, NumberStyles.None, CultureInfo.InvariantCulture, out tail))
            {
                problems.Add(new FieldError("tail", "must be a number of lines or 'all'"));
            }

            var format = query["format"].ToString();
            if (format is not "" and not "text" and not "raw")
            {
                problems.Add(new FieldError("format", "must be text or raw"));
            }

            var logs = new LogRequest(
                Flag("follow", false), Flag("stdout", true), Flag("stderr", true), hasTail ? tail : null, Time("since"), Time("until"), Flag("timestamps", false));
            if (!logs.Stdout && !logs.Stderr)
            {
                problems.Add(new FieldError("stdout", "at least one of stdout and stderr must be true"));
            }

            return problems.Count == 0 ? (logs, format == "raw") : new InvalidError(problems);

            bool Flag(string name, bool otherwise)
            {
                if (!query.TryGetValue(name, out var text))
                {
                    return otherwise;
                }

                switch (text.ToString())
                {
                    case "true" or "1":
                        return true;
                    case "false" or "0":
                        return false;
                    default:
                        problems.Add(new FieldError(name, "must be true or false"));
                        return otherwise;
                }
            }

            double? Time(string name)
            {
                if (!query.TryGetValue(name, out var text))
                {
                    return null;
                }

                if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
                {
                    return seconds;
                }

                if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
                {
                    return at.ToUnixTimeMilliseconds() / 1000d;
                }

                problems.Add(new FieldError(name, "must be Unix seconds or an ISO 8601 time"));
                return null;
            }
        }
    }
}
