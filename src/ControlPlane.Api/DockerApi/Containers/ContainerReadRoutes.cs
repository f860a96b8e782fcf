using System.Text.Json;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Lists and looks: what changes nothing.</summary>
internal sealed class ContainerReadRoutes(
    ClusterState state, Authorizer authorizer, ContainerLookup lookup, ContainerStreams streams, ObservedChanges observed, ListedContainers listed, TimeProvider clock) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("GET", "/containers/json", Permission.ContainersRead, Served.Snapshot, call => Task.FromResult(List(call))),
        DockerRoute.Of("GET", "/containers/{id}/json", Permission.ContainersInspect, Served.Nodes, InspectAsync),
        DockerRoute.Of("GET", "/containers/{id}/top", Permission.ContainersTop, Served.Nodes, TopAsync),
        DockerRoute.Of("GET", "/containers/{id}/changes", Permission.ContainersChanges, Served.Nodes, call => PassAsync(call, id => streams.ChangesAsync(call.Caller, id, call.Aborted))),
        DockerRoute.Of("GET", "/containers/{id}/logs", Permission.ContainersLogs, Served.Nodes, LogsAsync) with { Streams = true },
        DockerRoute.Of("GET", "/containers/{id}/stats", Permission.ContainersStats, Served.Nodes, StatsAsync) with { Streams = true },
        DockerRoute.Of("GET", "/containers/{id}/export", Permission.ContainersExport, Served.Nodes, ExportAsync) with { Streams = true },
        DockerRoute.Of("POST", "/containers/{id}/wait", Permission.ContainersWait, Served.Nodes, WaitAsync) with { Streams = true },
    ];

    private Error? List(DockerCall call)
    {
        var filters = call.Query.Filters(ContainerListFilter.Known);
        var limit = call.Query.Number("limit", -1, int.MaxValue);
        if ((filters.Error ?? limit.Error) is { } bad)
        {
            return bad;
        }

        var cluster = state.Current;
        var filter = ContainerListFilter.Of(filters.Value, cluster, name => lookup.Find(call.Caller, name));
        if (!filter.IsSuccess)
        {
            return filter.Error;
        }

        var all = call.Query.Flag("all") || limit.Value > 0 || filter.Value.AsksForState;
        var most = limit.Value is > 0 and var count ? count : int.MaxValue;
        var sight = new CollectionSight(authorizer, call.Caller, Permission.ContainersRead);
        var now = clock.GetUtcNow().UtcDateTime;
        return call.Write(200, json =>
        {
            json.WriteStartArray();
            foreach (var place in cluster.Newest)
            {
                var container = cluster.Containers[place.Id];
                if (!sight.Of(container.Collection) || !filter.Value.Passes(container))
                {
                    continue;
                }

                var node = cluster.Node(container.NodeId);
                if (!all && (node is not { State: NodeState.Ready } || container.State is not ("running" or "paused" or "restarting")))
                {
                    continue;
                }

                if (most-- <= 0)
                {
                    break;
                }

                listed.Write(json, container, node, now);
            }

            json.WriteEndArray();
        });
    }

    /// <summary>The engine's own document with the node before it.</summary>
    private async Task<Error?> InspectAsync(DockerCall call)
    {
        var found = lookup.Find(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var opened = await streams.InspectAsync(call.Caller, found.Value.Id, call.Aborted, call.Query.Flag("size"));
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        using var document = new MemoryStream(8 * 1024);
        await reply.Body.CopyToAsync(document, call.Aborted);
        return WithNode(call, document.GetBuffer().AsSpan(0, (int)document.Length), state.Current.Node(found.Value.NodeId));
    }

    private static Error? WithNode(DockerCall call, ReadOnlySpan<byte> document, NodeRecord? node)
    {
        if (node is null || document is not [(byte)'{', (byte)'"', ..])
        {
            return call.WriteRaw(200, document);
        }

        using var buffer = new ArrayBufferLease();
        var writer = buffer.Writer;
        System.Buffers.BuffersExtensions.Write(writer, "{\"Node\":"u8);
        using (var json = new Utf8JsonWriter(writer, JsonForm.Options))
        {
            ContainerDocuments.WriteNode(json, node);
        }

        System.Buffers.BuffersExtensions.Write(writer, ","u8);
        InspectedPorts.Write(writer, document, start: 1, node.Ip);
        return call.WriteRaw(200, writer.WrittenSpan);
    }

    private async Task<Error?> TopAsync(DockerCall call)
    {
        var arguments = call.Query.Text("ps_args", 200);
        return arguments.IsSuccess ? await PassAsync(call, id => streams.TopAsync(call.Caller, id, arguments.Value, call.Aborted)) : arguments.Error;
    }

    private async Task<Error?> LogsAsync(DockerCall call)
    {
        var (stdout, stderr) = (call.Query.Flag("stdout"), call.Query.Flag("stderr"));
        if (!stdout && !stderr)
        {
            return new InvalidError("$", "Bad parameters: you must choose at least one stream");
        }

        var tail = call.Query.Text("tail", 20);
        var since = call.Query.Time("since");
        var until = call.Query.Time("until");
        if ((tail.Error ?? since.Error ?? until.Error) is { } bad)
        {
            return bad;
        }

        // As the engine: what is no number means all of them.
        int? lines = int.TryParse(tail.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
        var request = new LogRequest(call.Query.Flag("follow"), stdout, stderr, lines, since.Value, until.Value, call.Query.Flag("timestamps")) { Details = call.Query.Flag("details") };
        var found = lookup.Find(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var opened = await streams.LogsAsync(call.Caller, found.Value.Id, request, call.Aborted);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        return await call.StreamAsync(200, StreamType(call, found.Value.Observed?.Tty == true), reply.Body);
    }

    /// <summary>Since API 1.42 the type says whether a stream is framed.</summary>
    internal static string StreamType(DockerCall call, bool tty) =>
        tty || call.Version < new DockerVersion(1, 42) ? DockerCall.RawStream : DockerCall.MultiplexedStream;

    private Task<Error?> StatsAsync(DockerCall call)
    {
        var stream = call.Query.Flag("stream", absent: true);
        return PassAsync(call, id => streams.StatsAsync(call.Caller, id, stream, call.Aborted, oneShot: call.Query.Flag("one-shot")), stream: true);
    }

    private Task<Error?> ExportAsync(DockerCall call) =>
        PassAsync(call, id => streams.ExportAsync(call.Caller, id, call.Aborted), stream: true, "application/octet-stream");

    private async Task<Error?> WaitAsync(DockerCall call)
    {
        var condition = call.Query.Text("condition", 20);
        if (!condition.IsSuccess || condition.Value is not (null or "not-running" or "next-exit" or "removed"))
        {
            return condition.Error ?? new InvalidError("condition", $"invalid condition: {condition.Value}; it may be not-running, next-exit or removed");
        }

        var found = lookup.Find(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var wanted = condition.Value ?? "not-running";
        var opened = await streams.WaitAsync(call.Caller, found.Value.Id, wanted, call.Aborted);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;

        // The client starts the container when it has the head.
        var to = await call.StreamAsync(200, DockerCall.Json);
        using var body = new MemoryStream();
        await reply.Body.CopyToAsync(body, call.Aborted);
        await observed.UntilAsync(
            found.Value.Id,
            record => record is null || (wanted != "removed" && record.State is not ("running" or "paused")),
            call.Aborted);
        await to.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), call.Aborted);
        return null;
    }

    private async Task<Error?> PassAsync(DockerCall call, Func<string, Task<Result<TunnelReply>>> open, bool stream = false, string type = DockerCall.Json)
    {
        var found = lookup.Find(call.Caller, call.Name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var opened = await open(found.Value.Id);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        if (stream)
        {
            return await call.StreamAsync(200, type, reply.Body);
        }

        using var body = new MemoryStream();
        await reply.Body.CopyToAsync(body, call.Aborted);
        return call.WriteRaw(200, body.GetBuffer().AsSpan(0, (int)body.Length));
    }
}
