using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Api.DockerApi.Takeover;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Attach, resize and copy: bytes into a container and out of it.</summary>
internal sealed class ContainerStreamRoutes(ContainerLookup lookup, ContainerStreams streams, ClusterState state) : IDockerRoutes
{
    private const string PathStat = "X-Docker-Container-Path-Stat";
    private const int LongestPath = 4096;

    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Of("POST", "/containers/{id}/attach", Permission.ContainersAttach, Served.Nodes, AttachAsync) with { Streams = true, TakesOver = true },
        DockerRoute.Refuse("GET", "/containers/{id}/attach/ws", "Attaching by WebSocket is not served here: use POST /containers/{id}/attach, as docker does."),
        DockerRoute.Of("POST", "/containers/{id}/resize", Permission.ContainersAttach, Served.Nodes, ResizeAsync),
        DockerRoute.Of("HEAD", "/containers/{id}/archive", Permission.ContainersCopyFrom, Served.Nodes, StatPathAsync),
        DockerRoute.Of("GET", "/containers/{id}/archive", Permission.ContainersCopyFrom, Served.Nodes, CopyFromAsync) with { Streams = true },
        DockerRoute.Of("PUT", "/containers/{id}/archive", Permission.ContainersCopyTo, Served.Nodes, CopyToAsync) with { Streams = true, MaxBody = null },
        DockerRoute.Refuse("POST", "/containers/{id}/copy", "Copying by POST went away with API 1.24: use GET /containers/{id}/archive."),
    ];

    private async Task<Error?> AttachAsync(DockerCall call)
    {
        var keys = call.Query.Text("detachKeys", 100);
        var found = lookup.Find(call.Caller, call.Name);
        if ((keys.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var request = new AttachRequest(
            call.Query.Flag("logs"), call.Query.Flag("stream"), call.Query.Flag("stdin"), call.Query.Flag("stdout"), call.Query.Flag("stderr"), keys.Value);
        var begun = await streams.AttachAsync(call.Caller, found.Value.Id, request, call.Aborted);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        await using var exchange = begun.Value;
        if (await HeadAsync(call, exchange, found.Value) is { } refused)
        {
            return refused;
        }

        await StreamTakeover.RunAsync(call.Http, exchange, ContainerReadRoutes.StreamType(call, found.Value.Observed?.Tty == true));
        return null;
    }

    /// <summary>Null when the connection may be taken over.</summary>
    private async Task<Error?> HeadAsync(DockerCall call, ITunnelExchange exchange, ContainerRecord container)
    {
        var head = await exchange.HeadAsync(call.Aborted);
        return !head.IsSuccess ? head.Error
            : head.Value.Status == StatusCodes.Status101SwitchingProtocols ? null
            : await ContainerStreams.ErrorOfAsync(head.Value, exchange.Body, NodeName(container), call.Aborted);
    }

    private string NodeName(ContainerRecord container) => state.Current.Node(container.NodeId)?.Name ?? container.NodeId;

    private async Task<Error?> ResizeAsync(DockerCall call)
    {
        var (height, width) = (call.Query.Number("h", 0, 65535), call.Query.Number("w", 0, 65535));
        var found = lookup.Find(call.Caller, call.Name);
        if ((height.Error ?? width.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var resized = await streams.ResizeAsync(call.Caller, found.Value.Id, height.Value ?? 0, width.Value ?? 0, call.Aborted);
        if (!resized.IsSuccess)
        {
            return resized.Error;
        }

        await resized.Value.DisposeAsync();
        return call.Status(200);
    }

    private async Task<Error?> StatPathAsync(DockerCall call)
    {
        var path = Path(call);
        var found = lookup.Find(call.Caller, call.Name);
        if ((path.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var opened = await streams.StatPathAsync(call.Caller, found.Value.Id, path.Value, call.Aborted);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        call.Http.Response.Headers[PathStat] = reply.Head.PathStat;
        return call.Status(200);
    }

    private async Task<Error?> CopyFromAsync(DockerCall call)
    {
        var path = Path(call);
        var found = lookup.Find(call.Caller, call.Name);
        if ((path.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var opened = await streams.CopyFromAsync(call.Caller, found.Value.Id, path.Value, call.Aborted);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        call.Http.Response.Headers[PathStat] = reply.Head.PathStat;
        return await call.StreamAsync(200, DockerCall.Tar, reply.Body);
    }

    private async Task<Error?> CopyToAsync(DockerCall call)
    {
        var path = Path(call);
        var found = lookup.Find(call.Caller, call.Name);
        if ((path.Error ?? found.Error) is { } bad)
        {
            return bad;
        }

        var begun = await streams.CopyToAsync(
            call.Caller, found.Value.Id, path.Value, call.Query.Flag("noOverwriteDirNonDir"), call.Query.Flag("copyUIDGID"), call.Aborted);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        await using var exchange = begun.Value;
        var head = await RequestBody.SendAsync(call, exchange);
        return !head.IsSuccess ? head.Error
            : head.Value.Status is >= 200 and < 300 ? call.Status(200)
            : await ContainerStreams.ErrorOfAsync(head.Value, exchange.Body, NodeName(found.Value), call.Aborted);
    }

    private static Result<string> Path(DockerCall call)
    {
        var path = call.Query.Text("path", LongestPath);
        return !path.IsSuccess ? path.Error : path.Value is { } given ? given : new InvalidError("path", "bad parameter: missing path");
    }
}
