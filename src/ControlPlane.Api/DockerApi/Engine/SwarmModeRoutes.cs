using ControlPlane.Api.DockerApi.Routing;

namespace ControlPlane.Api.DockerApi.Engine;

/// <summary>What belongs to Docker's own swarm mode, to plug-ins and to BuildKit: said no to, with the way that we have instead.</summary>
internal sealed class SwarmModeRoutes : IDockerRoutes
{
    private const string Services = "Swarm mode's services are not served here. Create containers with 'docker run': they are placed on a node by constraints and strategy.";
    private const string Cluster = "This cluster is not a Docker swarm. Nodes join by an agent: see Nodes in the dashboard, or POST /api/v1/join-tokens.";
    private const string Secrets = "Swarm mode's secrets and configs are not served here. Give containers what they need by environment, volumes or 'docker cp'.";
    private const string Plugins = "Plug-ins are not managed here: they run as root on their node. Install them on the node itself.";
    private const string BuildKit = "BuildKit's sessions are not served here. Build with the classic builder (DOCKER_BUILDKIT=0 docker build …), or with a builder of your own (docker buildx build --push) and pull the image.";

    public IEnumerable<DockerRoute> Routes { get; } =
    [
        .. Each(Services, ["GET", "POST", "DELETE"], "/services", "/services/{name}", "/tasks", "/tasks/{name}"),
        .. Each(Cluster, ["GET", "POST"], "/swarm", "/swarm/{name}"),
        .. Each(Cluster, ["GET", "POST", "DELETE"], "/nodes", "/nodes/{name}"),
        .. Each(Secrets, ["GET", "POST", "DELETE"], "/secrets", "/secrets/{name}", "/configs", "/configs/{name}"),
        .. Each(Plugins, ["GET", "POST", "DELETE"], "/plugins", "/plugins/{name}"),
        DockerRoute.Refuse("POST", "/session", BuildKit),
        DockerRoute.Refuse("POST", "/grpc", BuildKit),
    ];

    private static IEnumerable<DockerRoute> Each(string sentence, string[] methods, params string[] patterns) =>
        patterns.SelectMany(pattern => methods.Select(method => DockerRoute.Refuse(method, pattern, sentence)));
}
