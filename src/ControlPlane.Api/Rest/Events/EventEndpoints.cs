using System.Text;
using System.Text.Json;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Rest.Events;

/// <summary>
/// The change stream as server-sent events. Each has the position as its id; <c>Last-Event-ID</c> or <c>since</c> goes on from
/// there, 410 when that is too long ago or of another epoch.
/// </summary>
internal static class EventEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly string[] Kinds = ["node", "container", "operation"];

    public static void MapEvents(this RouteGroupBuilder api) =>
        api.MapGet("/events", StreamAsync).WithTags("Events").WithName("StreamEvents").RequirePermission(Permission.EventsRead).EndsWithCaller();

    private static async Task<IResult> StreamAsync(
        HttpContext context, Caller caller, ClusterState state, Authorizer authorizer, IOptions<JsonOptions> json, IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        var kinds = context.Request.Query["kind"].Where(kind => kind is not null).Select(kind => kind!).ToHashSet(StringComparer.Ordinal);
        if (kinds.Except(Kinds, StringComparer.Ordinal).FirstOrDefault() is not null)
        {
            return new InvalidError("kind", $"must be one of {string.Join(", ", Kinds)}").ToProblem();
        }

        if (authorizer.CheckAnywhere(caller, Permission.EventsRead) is { } error)
        {
            return error.ToProblem();
        }

        var opened = Open(context, state);
        if (!opened.IsSuccess)
        {
            return opened.Error.ToProblem();
        }

        var (missed, subscription) = opened.Value;
        using var leaving = subscription;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var writer = new EventWriter(context.Response, new EventSight(authorizer, caller), kinds, json.Value.SerializerOptions, state);
        try
        {
            await writer.BeginAsync(missed.Count > 0 ? null : subscription.Start.Position, ended.Token);
            await writer.WriteAsync(subscription.Start.Position.Epoch, missed, ended.Token);
            while (true)
            {
                var ready = subscription.Changes.WaitToReadAsync(ended.Token).AsTask();
                while (!ready.IsCompleted)
                {
                    try
                    {
                        await ready.WaitAsync(KeepAlive, clock, ended.Token);
                    }
                    catch (TimeoutException)
                    {
                        await writer.CommentAsync(ended.Token);
                    }
                }

                if (!await ready)
                {
                    break;
                }

                while (subscription.Changes.TryRead(out var batch))
                {
                    await writer.WriteAsync(subscription.Start.Position.Epoch, batch, ended.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader has gone, or the server stops.
        }

        return TypedResults.Empty;
    }

    private static Result<(IReadOnlyList<StateChange> Missed, StateSubscription Subscription)> Open(HttpContext context, ClusterState state)
    {
        var since = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : context.Request.Query["since"].ToString();
        if (since.Length == 0)
        {
            return ((IReadOnlyList<StateChange>)[], state.Subscribe());
        }

        if (!StatePosition.TryParse(since, out var position))
        {
            return new InvalidError("since", "must be the id of an earlier event, <epoch>.<sequence>");
        }

        return state.Resume(position) is { } resumed
            ? (resumed.Missed, resumed.Subscription)
            : new RequestError(StatusCodes.Status410Gone, "events.position_gone", "This position is too long ago or of an earlier start of the server. List again, then stream without a position.");
    }

    private sealed class EventWriter(HttpResponse response, EventSight sight, HashSet<string> kinds, JsonSerializerOptions json, ClusterState state)
    {
        public async Task BeginAsync(StatePosition? position, CancellationToken cancellationToken)
        {
            // Tells the position at once: a client that only listens can resume too.
            await response.WriteAsync(position is { } start ? $"retry: 2000\nid: {start}\nevent: ready\ndata: {{}}\n\n" : "retry: 2000\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }

        public async Task CommentAsync(CancellationToken cancellationToken)
        {
            await response.WriteAsync(":\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }

        public async Task WriteAsync(long epoch, IReadOnlyList<StateChange> changes, CancellationToken cancellationToken)
        {
            var text = new StringBuilder();
            foreach (var change in changes)
            {
                if (Kind(change.Object) is not { } kind || (kinds.Count > 0 && !kinds.Contains(kind)) || !sight.Of(change))
                {
                    continue;
                }

                text.Append("id: ").Append(new StatePosition(epoch, change.Sequence).ToString())
                    .Append("\nevent: ").Append(kind).Append('.').Append(change.Kind.ToString().ToLowerInvariant())
                    .Append("\ndata: ").Append(JsonSerializer.Serialize(Body(change), json)).Append("\n\n");
            }

            if (text.Length > 0)
            {
                await response.WriteAsync(text.ToString(), cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
            }
        }

        private EventBody Body(StateChange change) => new(
            change.Id,
            change.At,
            change.Reason,
            change.Kind == ChangeKind.Removed
                ? null
                : change.Record switch
                {
                    ContainerRecord container => ContainerViews.From(container, state.Current),
                    NodeRecord node => new NodeEvent(node.Id, node.Name, NodeViews.Text(node.State), NodeViews.Text(node.Availability), node.StateReason, node.StateSince),
                    OperationView operation => operation,
                    _ => null,
                });

        private static string? Kind(ObjectKind kind) => kind switch
        {
            ObjectKind.Node => "node",
            ObjectKind.Container => "container",
            ObjectKind.Operation => "operation",
            _ => null,
        };
    }

    /// <summary>An event shows its object: who may not see the one does not see the other.</summary>
    private sealed class EventSight(Authorizer authorizer, Caller caller)
    {
        private readonly CollectionSight _events = new(authorizer, caller, Permission.EventsRead);
        private readonly CollectionSight _nodes = new(authorizer, caller, Permission.NodesRead);
        private readonly CollectionSight _containers = new(authorizer, caller, Permission.ContainersRead);
        private readonly CollectionSight _operations = new(authorizer, caller, Permission.OperationsRead);

        public bool Of(StateChange change) => _events.Of(change.Collection) && change.Object switch
        {
            ObjectKind.Node => _nodes.Of(change.Collection),
            ObjectKind.Container => _containers.Of(change.Collection),
            ObjectKind.Operation => _operations.Of(change.Collection),
            _ => false,
        };
    }

    private sealed record EventBody(string Id, DateTime At, string Reason, object? Object);

    private sealed record NodeEvent(string Id, string Name, string State, string Availability, string StateReason, DateTime StateSince);
}
