using System.IO.Compression;
using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>
/// Three real engines behind the Docker endpoint, and people with bundles: an administrator, three with roles on <c>/prod</c>, and one who has
/// everything on <c>/elsewhere</c>. node-1 and node-2 are zone a, node-3 is zone b.
/// </summary>
public sealed class DockerCluster : IAsyncLifetime
{
    public const string Collection = "docker endpoint";

    private readonly List<DockerPerson> _people = [];
    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    internal DockerPerson Admin { get; private set; } = null!;

    /// <summary>Full Control on /prod.</summary>
    internal DockerPerson Full { get; private set; } = null!;

    /// <summary>Restricted Control on /prod.</summary>
    internal DockerPerson Restricted { get; private set; } = null!;

    /// <summary>View Only on /prod.</summary>
    internal DockerPerson Viewer { get; private set; } = null!;

    /// <summary>Full Control on /elsewhere: nothing of /prod exists.</summary>
    internal DockerPerson Stranger { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(
            new LabOptions
            {
                Directory = LabDirectory.CreateTemporary(),
                Nodes = 3,
                // The same after a restart of the server.
                DockerPort = FreePort.Pick(),
                NodeLabels = new Dictionary<string, IReadOnlyDictionary<string, string>>
                {
                    ["node-1"] = new Dictionary<string, string> { ["zone"] = "a" },
                    ["node-2"] = new Dictionary<string, string> { ["zone"] = "a" },
                    ["node-3"] = new Dictionary<string, string> { ["zone"] = "b" },
                },
                ServerArguments = ["--Nodes:Monitor:StartAmnestySeconds", "5"],
            },
            CancellationToken.None);
        Admin = Add(new DockerPerson("admin", FromAdminEnv("DOCKER_HOST"), FromAdminEnv("DOCKER_CERT_PATH"), Path.Combine(_cluster.Lab.Directory, "home-admin")));
        foreach (var path in (string[])["/prod", "/elsewhere"])
        {
            await PostAsync("/collections", new { path });
        }

        Full = await PersonAsync("full", "full-control", "/prod");
        Restricted = await PersonAsync("restricted", "restricted-control", "/prod");
        Viewer = await PersonAsync("viewer", "view-only", "/prod");
        Stranger = await PersonAsync("stranger", "full-control", "/elsewhere");
    }

    public async ValueTask DisposeAsync()
    {
        _people.ForEach(person => person.Dispose());
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Heals and empties the cluster, networks and volumes included.</summary>
    internal async Task ResetAsync()
    {
        const string script = """
            docker -H unix://$1 network prune -f >/dev/null
            for v in $(docker -H unix://$1 volume ls -q); do docker -H unix://$1 volume rm -f $v >/dev/null; done
            for i in $(docker -H unix://$1 images -q --filter label=test); do docker -H unix://$1 rmi -f $i >/dev/null; done
            """;
        await Cluster.ResetAsync();
        await Task.WhenAll(Cluster.Lab.Nodes.Select(node => Command.RunAsync("/bin/sh", ["-c", script, "sh", node.EngineSocket], CancellationToken.None)));
    }

    private async Task<DockerPerson> PersonAsync(string name, string role, string collection)
    {
        var made = await PostAsync("/users", new { name, kind = "service", defaultCollection = collection });
        var id = (made["user"]?["id"] ?? made["id"])!.GetValue<string>();
        await PostAsync("/grants", new { subjectKind = "user", role, collection, subject = name });
        // Nodes are in /Shared.
        await PostAsync("/grants", new { subjectKind = "user", role = "scheduler", collection = "/Shared", subject = name });
        using var content = System.Net.Http.Json.JsonContent.Create(new { name = "test" });
        using var answer = await Cluster.Api.Client.PostAsync(new Uri($"/api/v1/users/{id}/client-bundle", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
        var directory = Path.Combine(Cluster.Lab.Directory, "bundle-" + name);
        await ZipFile.ExtractToDirectoryAsync(await answer.Content.ReadAsStreamAsync(), directory);
        return Add(new DockerPerson(name, Admin.Environment["DOCKER_HOST"]!, directory, Path.Combine(Cluster.Lab.Directory, "home-" + name)));
    }

    private DockerPerson Add(DockerPerson person)
    {
        _people.Add(person);
        return person;
    }

    private async Task<JsonNode> PostAsync(string path, object body)
    {
        using var content = System.Net.Http.Json.JsonContent.Create(body);
        using var answer = await Cluster.Api.Client.PostAsync(new Uri("/api/v1" + path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private string FromAdminEnv(string name) => File.ReadLines(Cluster.Lab.Server.AdminEnv)
        .Single(line => line.StartsWith($"export {name}=", StringComparison.Ordinal))[$"export {name}=".Length..].Trim('\'', '"');
}

/// <summary>Tests of the Docker endpoint, one after the other on the same engines.</summary>
[CollectionDefinition(DockerCluster.Collection)]
public sealed class DockerClusterCollection : ICollectionFixture<DockerCluster>;

/// <summary>A test that leaves the cluster empty.</summary>
[Collection(DockerCluster.Collection)]
public abstract class DockerTest(DockerCluster docker) : IAsyncLifetime
{
    protected const string Image = "busybox";

    private protected DockerCluster Docker => docker;

    private protected DockerPerson Admin => docker.Admin;

    private protected TestCluster Cluster => docker.Cluster;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await docker.ResetAsync();
    }

    /// <summary>A container that runs until it is stopped, and then ends at once; its id.</summary>
    private protected static Task<string> SleeperAsync(DockerPerson person, string name, params string[] options) =>
        person.DockerAsync(["run", "-d", "--name", name, "--stop-signal", "KILL", .. options, Image, "sleep", "3600"]);

    /// <summary>The node that a container is on.</summary>
    private protected async Task<string> NodeOfAsync(string name) => await Admin.DockerAsync("container", "inspect", "-f", "{{.Node.Name}}", name);

    /// <summary>What the engine itself says about a container.</summary>
    private protected async Task<string> OnEngineAsync(string node, params string[] arguments) => await Cluster[node].DockerAsync(arguments, Cancellation);
}
