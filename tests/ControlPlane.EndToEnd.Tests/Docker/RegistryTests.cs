using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>A real registry with a password: login, push, pull to the nodes, and where the password may not be found.</summary>
public sealed class RegistryTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task What_was_pushed_is_pulled_by_every_node_with_the_credentials_of_the_one_who_asks()
    {
        await using var registry = await RegistryServer.StartAsync(HostAddress, Cancellation);
        var image = $"{registry.Address}/team/app:v1";
        await Admin.DockerAsync("tag", Image, image);
        (await Admin.RefusedAsync("push", image)).ShouldContain("no basic auth credentials");
        (await LoginAsync(registry, "wrong")).Succeeded.ShouldBeFalse();
        (await LoginAsync(registry, RegistryServer.Password)).Output.ShouldContain("Login Succeeded");

        (await Admin.DockerAsync("push", image)).ShouldContain("digest: sha256:");
        await Admin.DockerAsync("rmi", image);
        await ShouldBeOnAsync(image, []);
        await Admin.DockerAsync("pull", image);
        await ShouldBeOnAsync(image, ["node-1", "node-2", "node-3"]);

        // By digest, on the nodes that do not have it.
        var digest = JsonNode.Parse(await Admin.DockerAsync("image", "inspect", image))![0]!["RepoDigests"]!.AsArray()
            .Select(one => one!.GetValue<string>()).Single(one => one.StartsWith(registry.Address, StringComparison.Ordinal));
        await Admin.DockerAsync("rmi", image);
        await Admin.DockerAsync("pull", digest);
        (await Admin.DockerAsync("run", "--rm", digest, "echo", "by digest")).ShouldBe("by digest");
        await Admin.DockerAsync("rmi", digest);

        // As docker run does it: the create says that there is no such image, and the client pulls.
        (await Admin.DockerAsync("run", "--rm", "--quiet", image, "echo", "pulled")).ShouldBe("pulled");
        await Admin.DockerAsync("rmi", image);
        await ShouldForgetAsync(RegistryServer.Password);
    }

    [Fact]
    public async Task Without_credentials_nothing_is_pulled_and_the_registry_s_own_words_are_told()
    {
        await using var registry = await RegistryServer.StartAsync(HostAddress, Cancellation);
        var image = $"{registry.Address}/team/app:v1";
        await Admin.DockerAsync("tag", Image, image);
        (await LoginAsync(registry, RegistryServer.Password)).Succeeded.ShouldBeTrue();
        await Admin.DockerAsync("push", image);
        await Admin.DockerAsync("rmi", image);

        // Somebody else's login is not theirs.
        (await Docker.Full.RefusedAsync("pull", image)).ShouldContain("no basic auth credentials");
        (await Docker.Full.RefusedAsync("run", "--rm", image, "true")).ShouldContain("no basic auth credentials");
        (await Admin.RefusedAsync("pull", $"{registry.Address}/team/none:v1")).ShouldContain("not found");
        await ShouldBeOnAsync(image, []);
    }

    private string HostAddress => Cluster["node-1"].Address[..Cluster["node-1"].Address.LastIndexOf('.')] + ".1";

    private Task<Lab.CommandResult> LoginAsync(RegistryServer registry, string password) =>
        Admin.ShellAsync("""printf %s "$1" | docker login -u "$2" --password-stdin "$3" """, password, RegistryServer.User, registry.Address);

    private async Task ShouldBeOnAsync(string image, string[] nodes)
    {
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "images", "-q", image)).Length.ShouldBe(nodes.Contains(node.Name) ? 12 : 0, node.Name);
        }
    }

    /// <summary>Neither the server nor an agent keeps it: not in a log, not in the database.</summary>
    private async Task ShouldForgetAsync(string password)
    {
        var forms = new[] { password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RegistryServer.User}:{password}")), Convert.ToBase64String(Encoding.UTF8.GetBytes(password))[..^4] };
        var files = Directory.EnumerateFiles(Cluster.Lab.Directory, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .Where(file => Path.GetFileName(file) is { } name && (name.StartsWith("controlplane.db", StringComparison.Ordinal) || name.EndsWith(".log", StringComparison.Ordinal))).ToList();
        files.Count.ShouldBeGreaterThanOrEqualTo(5);
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var text = await reader.ReadToEndAsync(Cancellation);
            forms.ShouldAllBe(form => !text.Contains(form, StringComparison.Ordinal), file);
        }
    }
}
