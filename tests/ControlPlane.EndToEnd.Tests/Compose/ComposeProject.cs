using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>The compose files of this tree on one engine, by Debian's docker-compose.</summary>
internal sealed class ComposeProject(LabNode node, string name, IReadOnlyDictionary<string, string?> settings, params string[] files)
{
    public static readonly string Top = Repository.Root;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public string Name => name;

    public Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => Command.RunAsync(
        "docker-compose",
        [.. files.SelectMany(file => (string[])["-f", Path.Combine(Top, file)]), "-p", name, .. arguments],
        Limit,
        new Dictionary<string, string?>(settings, StringComparer.Ordinal)
        {
            ["DOCKER_HOST"] = $"unix://{node.EngineSocket}",
            ["DOCKER_TLS_VERIFY"] = null,
            ["CONTROLPLANE_ENGINE_SOCKET"] = node.EngineSocket,
        },
        cancellationToken);

    public async Task<string> ComposeAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        (await RunAsync(arguments, cancellationToken)).OutputOrThrow($"docker-compose {string.Join(' ', arguments)}");

    /// <summary>The id of a service's container.</summary>
    public async Task<string> ContainerAsync(string service, CancellationToken cancellationToken) =>
        (await node.DockerAsync(["ps", "-aq", "--no-trunc", "--filter", $"label=com.docker.compose.project={name}", "--filter", $"label=com.docker.compose.service={service}"], cancellationToken)).Trim();

    public async Task<JsonNode> InspectAsync(string service, CancellationToken cancellationToken) =>
        JsonNode.Parse(await node.DockerAsync(["inspect", await ContainerAsync(service, cancellationToken)], cancellationToken))![0]!;

    /// <summary>A text file of a container, though its image has no shell.</summary>
    public async Task<string> FileAsync(string service, string path, CancellationToken cancellationToken)
    {
        var container = await ContainerAsync(service, cancellationToken);
        var script = """docker -H "unix://$1" cp "$2:$3" - | tar -xO""";
        var result = await Command.RunAsync("/bin/bash", ["-eo", "pipefail", "-c", script, "bash", node.EngineSocket, container, path], cancellationToken);
        return result.OutputOrThrow($"reading {path} of {service}");
    }

    public Task<string> LogsAsync(string container, CancellationToken cancellationToken) => BothAsync(["logs", container], cancellationToken);

    /// <summary>Names of all containers, volumes and networks of the engine, whoever made them.</summary>
    public async Task<IReadOnlyList<string>> EverythingAsync(CancellationToken cancellationToken)
    {
        string[] lists =
        [
            await node.DockerAsync(["ps", "-a", "--format", "container {{.Names}}"], cancellationToken),
            await node.DockerAsync(["volume", "ls", "--format", "volume {{.Name}}"], cancellationToken),
            await node.DockerAsync(["network", "ls", "--format", "network {{.Name}}"], cancellationToken),
        ];
        return [.. lists.SelectMany(list => list.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    private async Task<string> BothAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await node.RunDockerAsync(arguments, cancellationToken);
        return result.Output + result.Error;
    }
}
