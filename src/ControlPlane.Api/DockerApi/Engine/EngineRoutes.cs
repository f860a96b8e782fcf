using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi.Engine;

/// <summary>What clients ask about the engine: here, about the cluster.</summary>
internal sealed class EngineRoutes(ClusterInfo info) : IDockerRoutes
{
    public IEnumerable<DockerRoute> Routes =>
    [
        DockerRoute.Open("GET", "/_ping", PingAsync),
        DockerRoute.Open("HEAD", "/_ping", PingAsync),
        DockerRoute.SignedIn("GET", "/version", Served.Snapshot, call => Task.FromResult(ClusterInfo.WriteVersion(call))),
        DockerRoute.SignedIn("GET", "/info", Served.Snapshot, call => Task.FromResult(info.WriteInfo(call))),
    ];

    private static async Task<Error?> PingAsync(DockerCall call)
    {
        // Without it clients would take BuildKit, whose sessions are not served.
        call.Http.Response.Headers["Builder-Version"] = "1";
        call.Http.Response.Headers["Swarm"] = "inactive";
        call.Http.Response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        call.Http.Response.ContentType = "text/plain; charset=utf-8";
        call.Http.Response.ContentLength = 2;
        if (HttpMethods.IsGet(call.Http.Request.Method))
        {
            await call.Http.Response.WriteAsync("OK", call.Aborted);
        }

        return null;
    }
}
