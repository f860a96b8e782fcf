using System.Buffers;
using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Engine;

/// <summary>The events of all engines as one stream.</summary>
internal sealed class EventRoutes(EngineEventFeed feed, EventArrivals arrivals, Authorizer authorizer, AccessStore access, TimeProvider clock) : IDockerRoutes
{
    /// <summary>How long what is known to be on its way is waited for.</summary>
    private static readonly TimeSpan Arriving = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestFollow = TimeSpan.FromDays(40);

    private static readonly string[] Known =
        ["config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume"];

    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("GET", "/events", Permission.EventsRead, Served.Snapshot, FollowAsync) with { Streams = true },
    ];

    private async Task<Error?> FollowAsync(DockerCall call)
    {
        var filters = call.Query.Filters(Known);
        var since = call.Query.Time("since");
        var until = call.Query.Time("until");
        if ((filters.Error ?? since.Error ?? until.Error) is { } bad)
        {
            return bad;
        }

        var match = new EventMatch(filters.Value);
        var sight = new EventSight(authorizer, access, call.Caller);
        var (past, listener) = feed.Listen();
        using (listener)
        {
            var to = await call.StreamAsync(200, DockerCall.Json);
            if (since.Value is { } from)
            {
                foreach (var entry in past.Where(entry => Seconds(entry) >= from && (until.Value is null || Seconds(entry) <= until.Value)))
                {
                    if (sight.Of(entry) && match.Passes(entry))
                    {
                        await WriteAsync(to, entry, call.Aborted);
                    }
                }

                await to.FlushAsync(call.Aborted);
            }

            await FollowAsync(to, listener, entry => (until.Value is null || Seconds(entry) <= until.Value) && sight.Of(entry) && match.Passes(entry), until.Value, call.Aborted);
        }

        return null;
    }

    private async Task FollowAsync(Stream to, EngineEventFeed.Listener listener, Func<ClusterEvent, bool> passes, double? until, CancellationToken cancellationToken)
    {
        if (until is not { } last)
        {
            await TellAsync(Timeout.InfiniteTimeSpan, () => false);
            return;
        }

        var end = DateTimeOffset.UnixEpoch.AddSeconds(last);
        var left = end - clock.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            // Timers take at most some seven weeks; nobody follows longer than that by one request.
            await TellAsync(left < LongestFollow ? left : LongestFollow, () => false);
        }

        // The engines have told of it, and it may not have come yet.
        if (left > -EventArrivals.Longest)
        {
            var expected = await arrivals.ExpectedAsync(end.UtcDateTime, cancellationToken);
            await TellAsync(Arriving, () => arrivals.HaveCome(expected));
        }

        async Task TellAsync(TimeSpan time, Func<bool> isEnough)
        {
            using var timer = new CancellationTokenSource(time, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                while (true)
                {
                    // Asked first: what has come by then is in the listener.
                    var enough = isEnough();
                    while (listener.Events.TryRead(out var entry))
                    {
                        if (passes(entry))
                        {
                            await WriteAsync(to, entry, cancellationToken);
                        }
                    }

                    await to.FlushAsync(cancellationToken);
                    if (enough)
                    {
                        return;
                    }

                    if (!await listener.Events.WaitToReadAsync(either.Token))
                    {
                        throw new IOException("The client did not keep up with the events.");
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The time is over.
            }
        }
    }

    private static double Seconds(ClusterEvent entry) => (entry.Event.At - DateTime.UnixEpoch).TotalSeconds;

    private static ValueTask WriteAsync(Stream to, ClusterEvent entry, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, JsonForm.Options))
        {
            Write(json, entry);
        }

        buffer.Write("\n"u8);
        return to.WriteAsync(buffer.WrittenMemory, cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, ClusterEvent entry)
    {
        var happened = entry.Event;
        json.WriteStartObject();
        if (happened.Type is "container" or "image")
        {
            // The form of the API before 1.22, which clients still read.
            json.WriteString("status", happened.Action);
            json.WriteString("id", happened.ObjectId);
            if (happened.Attributes.TryGetValue("image", out var image))
            {
                json.WriteString("from", $"{image} node:{entry.Node}");
            }
        }

        json.WriteString("Type", happened.Type);
        json.WriteString("Action", happened.Action);
        json.WriteStartObject("Actor");
        json.WriteString("ID", happened.ObjectId);
        json.WriteStartObject("Attributes");
        foreach (var (key, value) in happened.Attributes.Where(attribute => !attribute.Key.StartsWith("node.", StringComparison.Ordinal)))
        {
            json.WriteString(key, value);
        }

        json.WriteString("node.addr", entry.NodeAddress);
        json.WriteString("node.id", entry.NodeId);
        json.WriteString("node.ip", entry.NodeIp);
        json.WriteString("node.name", entry.Node);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("node");
        json.WriteString("Name", entry.Node);
        json.WriteString("Id", entry.NodeId);
        json.WriteString("Addr", entry.NodeAddress);
        json.WriteString("Ip", entry.NodeIp);
        json.WriteEndObject();
        json.WriteString("scope", happened.Scope);
        var nanoseconds = (happened.At - DateTime.UnixEpoch).Ticks * 100;
        json.WriteNumber("time", nanoseconds / 1_000_000_000);
        json.WriteNumber("timeNano", nanoseconds);
        json.WriteEndObject();
    }
}
