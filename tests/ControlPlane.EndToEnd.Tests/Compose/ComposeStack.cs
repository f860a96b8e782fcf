using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>
/// The product as images and one compose file, on an engine of its own: stand-ins for the bases, our images from the published folders,
/// everything up. Made once; a test that takes it down leaves it to the next to bring it up again.
/// </summary>
public sealed partial class ComposeStack : IAsyncLifetime
{
    public const string Collection = "compose";
    public const string ServerImage = "controlplane-server:test";
    public const string AgentImage = "controlplane-agent:test";
    public const string DirectoryImage = "controlplane-sample-directory:test";
    public const string Node = "node-1";

    public static readonly string[] Services = ["database", "server", "agent", "registry"];

    private LabCluster? _lab;
    private ComposeProject? _project;
    private string? _password;

    internal LabNode Engine => (_lab ?? throw new InvalidOperationException("The engine has not been started."))[Node];

    internal ComposeProject Project => _project ?? throw new InvalidOperationException("The project is not there.");

    internal Uri Url => new($"https://{Engine.Address}:8443");

    internal ComposeFigures Figures { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var none = CancellationToken.None;
        var clock = Stopwatch.StartNew();
        _lab = await LabCluster.StartAsync(new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 1, WithControlPlane = false }, none);
        await new StandInImages(Engine, Directory.CreateDirectory(Path.Combine(_lab.Directory, "bases")).FullName).BuildAsync(none);
        Figures.Add("stand-in bases made", clock.Elapsed);
        clock.Restart();
        var top = ComposeProject.Top;
        await ImageBuild.RunAsync(Engine, ServerImage, $"{top}/src/ControlPlane.Api/Dockerfile", $"{top}/artifacts/server", "published", none);
        await ImageBuild.RunAsync(Engine, AgentImage, $"{top}/src/ControlPlane.Agent/Dockerfile", $"{top}/artifacts/agent", "published", none);
        Figures.Add("both images built", clock.Elapsed);
        _project = NewProject("proof", Url, "docker-compose.yml");
        await UpAsync(none);
    }

    internal ComposeProject NewProject(string name, Uri url, params string[] files) => new(
        Engine, name,
        new Dictionary<string, string?>
        {
            ["CONTROLPLANE_SERVER_IMAGE"] = ServerImage,
            ["CONTROLPLANE_AGENT_IMAGE"] = AgentImage,
            ["CONTROLPLANE_DIRECTORY_IMAGE"] = DirectoryImage,
            ["CONTROLPLANE_PUBLIC_URL"] = url.ToString().TrimEnd('/'),
        },
        files);

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>Up, with every service healthy; does nothing when it is so already.</summary>
    internal async Task UpAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        if ((await Project.ContainerAsync("server", cancellationToken)).Length > 0)
        {
            return;
        }

        _password = null;
        await Project.ComposeAsync(["up", "-d", "--no-build"], cancellationToken);
        Figures.Add("docker-compose up returned", clock.Elapsed);
        foreach (var service in Services)
        {
            await HealthyAsync(service, 90, cancellationToken);
        }

        Figures.Add("all healthy after up", clock.Elapsed);
        await AddStartAsync("server", "Listening on port", cancellationToken);
        await AddStartAsync("agent", "Connected as", cancellationToken);
    }

    internal Task HealthyAsync(string service, double seconds, CancellationToken cancellationToken) => HealthyAsync(Project, service, seconds, cancellationToken);

    internal async Task HealthyAsync(ComposeProject project, string service, double seconds, CancellationToken cancellationToken)
    {
        var seen = "";
        var container = await project.ContainerAsync(service, cancellationToken);
        var healthy = await Deadline.HoldsWithinAsync(
            TimeSpan.FromSeconds(seconds),
            async cancellation => (seen = await Engine.DockerAsync(["inspect", "-f", "{{.State.Status}} {{.State.Health.Status}}", container], cancellation)) == "running healthy",
            cancellationToken);
        if (!healthy)
        {
            throw new LabException($"{service} is {seen} after {seconds:0} s; its log ends with: {Tail(await project.LogsAsync(container, cancellationToken))}");
        }
    }

    /// <summary>The first password, read as an operator reads it; the command gives it once.</summary>
    internal async Task<string> PasswordAsync(CancellationToken cancellationToken)
    {
        if (_password is null)
        {
            var output = await Project.ComposeAsync(["exec", "-T", "server", "ControlPlane.Api", "admin", "first-password"], cancellationToken);
            _password = FirstPasswordLine().Match(output).Groups["password"].Value;
            _password.Length.ShouldBe(24, output.Length.ToString(CultureInfo.InvariantCulture));
        }

        return _password;
    }

    /// <summary>A browser of the administrator, who trusts the server's own CA and nothing else.</summary>
    internal async Task<ComposeBrowser> SignInAsync(CancellationToken cancellationToken)
    {
        using var authority = await AuthorityAsync(cancellationToken);
        return await ComposeBrowser.SignInAsync(Url, authority, "admin", await PasswordAsync(cancellationToken), cancellationToken);
    }

    internal async Task<X509Certificate2> AuthorityAsync(CancellationToken cancellationToken) =>
        X509Certificate2.CreateFromPem(await Project.FileAsync("server", "/var/lib/controlplane/ca.pem", cancellationToken));

    /// <summary>From the start of a container until it says something.</summary>
    private async Task AddStartAsync(string service, string text, CancellationToken cancellationToken)
    {
        var container = await Project.ContainerAsync(service, cancellationToken);
        var log = await Engine.RunDockerAsync(["logs", "--timestamps", container], cancellationToken);
        var line = (log.Output + log.Error).Split('\n').First(one => one.Contains(text, StringComparison.Ordinal));
        var started = (await Project.InspectAsync(service, cancellationToken))["State"]!["StartedAt"]!.GetValue<DateTimeOffset>();
        Figures.Add($"{service}: container start to \"{text}\"", DateTimeOffset.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture) - started);
    }

    private static string Tail(string log) => string.Join(" | ", log.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(8));

    [GeneratedRegex("^admin password: (?<password>[a-zA-Z0-9]+)\\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FirstPasswordLine();
}

/// <summary>Tests that share the stack, one after the other.</summary>
[CollectionDefinition(ComposeStack.Collection)]
public sealed class ComposeStackCollection : ICollectionFixture<ComposeStack>;
