using System.Net;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using Docker.DotNet;
using Docker.DotNet.Models;
using NodeDescription = ControlPlane.Contracts.Agents.NodeDescription;
using Version = System.Version;

namespace ControlPlane.Agent.Engine;

/// <summary>Typed reads of the engine, in our own records; the rest of the agent never sees the library's types.</summary>
internal sealed class EngineReader(EngineSocket socket, AgentDeadlines deadlines, IReadOnlyList<string> policy, string address) : IDisposable
{
    private readonly Lock _gate = new();
    private DockerClient? _client;
    private Version? _version;

    /// <summary>Where the engine keeps its data, once known.</summary>
    public string? DataRoot { get; private set; }

    /// <summary>Asks the engine who it is, and settles the API version.</summary>
    public async Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.EngineRead);
        using var bare = Build(null);
        var version = await bare.System.GetVersionAsync(deadline.Token);
        var client = Use(socket.Negotiate(version.APIVersion, version.MinAPIVersion));
        var info = await client.System.GetSystemInfoAsync(deadline.Token);
        DataRoot = info.DockerRootDir;
        return new NodeDescription
        {
            EngineId = info.ID ?? "",
            HostName = info.Name ?? "",
            EngineVersion = info.ServerVersion ?? version.Version ?? "",
            ApiVersion = version.APIVersion ?? "",
            MinApiVersion = version.MinAPIVersion ?? "",
            OperatingSystem = info.OperatingSystem ?? "",
            OsType = info.OSType ?? "linux",
            Architecture = info.Architecture ?? "",
            KernelVersion = info.KernelVersion ?? "",
            StorageDriver = info.Driver ?? "",
            Cpus = (int)info.NCPU,
            MemoryBytes = info.MemTotal,
            EngineLabels = ReadLabels(info.Labels),
            Policy = policy,
            Address = address,
        };
    }

    /// <summary>Ids of all containers, also stopped ones.</summary>
    public async Task<IReadOnlyList<string>> ListContainerIdsAsync(CancellationToken cancellationToken) =>
        [.. (await Client().Containers.ListContainersAsync(new ContainersListParameters { All = true }, cancellationToken)).Select(container => container.ID)];

    /// <summary>Engine ids of the containers with this cluster id.</summary>
    public async Task<IReadOnlyList<string>> FindByClusterIdAsync(string clusterId, CancellationToken cancellationToken)
    {
        var label = new Dictionary<string, bool>(StringComparer.Ordinal) { [$"{AgentProtocol.ClusterIdLabel}={clusterId}"] = true };
        var parameters = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>>(StringComparer.Ordinal) { ["label"] = label },
        };
        return [.. (await Client().Containers.ListContainersAsync(parameters, cancellationToken)).Select(container => container.ID)];
    }

    /// <summary>One container; null when the engine does not have it.</summary>
    public async Task<ContainerReport?> InspectAsync(string engineId, CancellationToken cancellationToken)
    {
        try
        {
            return ContainerMapping.ToReport(await Client().Containers.InspectContainerAsync(engineId, cancellationToken));
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<ImageReport>> ListImagesAsync(CancellationToken cancellationToken) =>
        ObjectMapping.ToImages(await Client().Images.ListImagesAsync(new ImagesListParameters { All = false }, cancellationToken));

    /// <summary>What an image was built for; nothing when it has gone meanwhile.</summary>
    public async Task<ImagePlatform> InspectImageAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await socket.GetAsync($"images/{Uri.EscapeDataString(id)}/json", cancellationToken);
        return answer.Status switch
        {
            200 => new ImagePlatform(answer.Text("Os"), answer.Text("Architecture")),
            404 => new ImagePlatform(null, null),
            _ => throw new HttpRequestException($"The engine answered {answer.Status}: {answer.Message}"),
        };
    }

    public async Task<IReadOnlyList<NetworkReport>> ListNetworksAsync(CancellationToken cancellationToken) =>
        ObjectMapping.ToNetworks(await ReadAsync("networks", cancellationToken));

    public async Task<IReadOnlyList<VolumeReport>> ListVolumesAsync(CancellationToken cancellationToken) =>
        ObjectMapping.ToVolumes(await ReadAsync("volumes", cancellationToken));

    public void Dispose()
    {
        lock (_gate)
        {
            _client?.Dispose();
            _client = null;
        }
    }

    private async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await socket.GetAsync(path, cancellationToken);
        return answer.Status == 200 ? answer.Body : throw new HttpRequestException($"The engine answered {answer.Status}: {answer.Message}");
    }

    private static Dictionary<string, string> ReadLabels(IEnumerable<string>? labels)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels ?? [])
        {
            var cut = label.IndexOf('=', StringComparison.Ordinal);
            result[cut < 0 ? label : label[..cut]] = cut < 0 ? "" : label[(cut + 1)..];
        }

        return result;
    }

    private DockerClient Build(Version? version)
    {
        var builder = new DockerClientBuilder().WithEndpoint(new Uri("unix://" + socket.Path)).WithTimeout(Timeout.InfiniteTimeSpan);
        return (version is null ? builder : builder.WithApiVersion(version)).Build();
    }

    private DockerClient Use(Version version)
    {
        lock (_gate)
        {
            if (_client is null || _version != version)
            {
                // The old client is not disposed: a read may still be on it, and it holds nothing but a pool that idles out.
                _client = Build(version);
                _version = version;
            }

            return _client;
        }
    }

    private DockerClient Client()
    {
        lock (_gate)
        {
            return _client ??= Build(_version);
        }
    }
}
