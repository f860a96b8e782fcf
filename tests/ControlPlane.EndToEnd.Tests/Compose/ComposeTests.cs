using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>The proof of the compose file: from nothing to a placed container, through restarts, to nothing again.</summary>
[Collection(ComposeStack.Collection)]
public sealed class ComposeTests(ComposeStack stack) : IAsyncLifetime
{
    // Within these the registry, the agents and the database are only ours; see docs/operations/sizing.md for what they take.
    private const long AgentImageLimit = 20_000_000;
    private const long ServerImageLimit = 60_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await stack.UpAsync(Cancellation);

    public ValueTask DisposeAsync()
    {
        TestContext.Current.TestOutputHelper?.WriteLine(stack.Figures.All);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_node_joins_by_itself_and_a_container_is_placed_on_it()
    {
        using var browser = await stack.SignInAsync(Cancellation);
        await browser.NodeIsAsync(ComposeStack.Node, "Ready", 30, Cancellation);

        var clock = Stopwatch.StartNew();
        var (status, container) = await browser.PostAsync("/containers", Specs.Sleeper("placed-by-compose"), Cancellation, "wait=25");

        status.ShouldBe(HttpStatusCode.Created, container?.ToJsonString());
        stack.Figures.Add("a container placed", clock.Elapsed);
        ((string?)container!["node"]).ShouldBe(ComposeStack.Node);
        (await stack.Engine.DockerAsync(["ps", "--format", "{{.Names}}"], Cancellation)).Split('\n').ShouldContain("placed-by-compose");
        await stack.Engine.DockerAsync(["rm", "-f", "placed-by-compose"], Cancellation);
    }

    [Fact]
    public async Task The_first_password_is_given_once()
    {
        await stack.PasswordAsync(Cancellation);

        var again = await stack.Project.RunAsync(["exec", "-T", "server", "ControlPlane.Api", "admin", "first-password"], Cancellation);

        again.ExitCode.ShouldBe(1);
        again.Error.ShouldContain("admin reset-password");
    }

    [Fact]
    public async Task A_restart_of_the_server_under_load_loses_no_acknowledged_write()
    {
        using var browser = await stack.SignInAsync(Cancellation);
        await browser.NodeIsAsync(ComposeStack.Node, "Ready", 30, Cancellation);
        await using var load = WriteLoad.Start(browser);
        await Wait.UntilAsync("Writes before the restart", 20, () => Task.FromResult(load.Acknowledged > 20));
        var clock = Stopwatch.StartNew();

        await stack.Project.ComposeAsync(["restart", "server"], Cancellation);

        var before = load.Acknowledged;
        await Wait.UntilAsync("Writes after the restart", 60, () => Task.FromResult(load.Acknowledged > before + 20));
        var back = clock.Elapsed;
        await load.StopAsync();
        await browser.NodeIsAsync(ComposeStack.Node, "Ready", 30, Cancellation);
        (await load.LostAsync(Cancellation)).ShouldBeEmpty();
        // Only while there was nobody to answer; who answers does not fail, except for saying that it is on its way.
        load.FailedStatuses.ShouldAllBe(status => status == 503);
        stack.Figures.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"server restarted under load: {load.Acknowledged} writes acknowledged, none lost, {load.Failed} refused ({load.Failures}); writing again after {back.TotalSeconds:F1} s"));
    }

    [Fact]
    public async Task A_restart_of_the_database_under_load_loses_no_acknowledged_write()
    {
        using var browser = await stack.SignInAsync(Cancellation);
        await using var load = WriteLoad.Start(browser);
        await Wait.UntilAsync("Writes before the restart", 20, () => Task.FromResult(load.Acknowledged > 20));
        var server = (string?)(await stack.Project.InspectAsync("server", Cancellation))["State"]!["StartedAt"];
        var clock = Stopwatch.StartNew();

        await stack.Project.ComposeAsync(["restart", "database"], Cancellation);

        var before = load.Acknowledged;
        await Wait.UntilAsync("Writes after the restart", 60, () => Task.FromResult(load.Acknowledged > before + 20));
        var back = clock.Elapsed;
        await load.StopAsync();
        (await load.LostAsync(Cancellation)).ShouldBeEmpty();
        load.FailedStatuses.ShouldAllBe(status => status >= 500);
        ((string?)(await stack.Project.InspectAsync("server", Cancellation))["State"]!["StartedAt"]).ShouldBe(server, "the server goes on without a restart of its own");
        await browser.NodeIsAsync(ComposeStack.Node, "Ready", 30, Cancellation);
        stack.Figures.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"database restarted under load: {load.Acknowledged} writes acknowledged, none lost, {load.Failed} failed ({load.Failures}), slowest {load.Slowest.TotalSeconds:F1} s; writing again after {back.TotalSeconds:F1} s"));
    }

    [Fact]
    public async Task Nobody_runs_as_root_or_writes_to_an_image()
    {
        foreach (var (service, user) in (IEnumerable<(string, string)>)[("database", "999"), ("server", "1654"), ("agent", "1655")])
        {
            var container = await stack.Project.ContainerAsync(service, Cancellation);
            var processes = await stack.Engine.DockerAsync(["top", container, "-eo", "uid,pid"], Cancellation);
            var users = processes.Split('\n')[1..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]).Distinct().ToList();
            users.ShouldBe([user], service);
        }

        foreach (var service in ComposeStack.Services)
        {
            var host = (await stack.Project.InspectAsync(service, Cancellation))["HostConfig"]!;
            ((bool)host["ReadonlyRootfs"]!).ShouldBeTrue(service);
            ((bool)host["Privileged"]!).ShouldBeFalse(service);
            host["CapDrop"]!.AsArray().Select(item => (string?)item).ShouldBe(["ALL"], service);
            ((long)host["Memory"]!).ShouldBeGreaterThan(0, service);
            ((long)host["PidsLimit"]!).ShouldBeGreaterThan(0, service);
            host["SecurityOpt"]!.AsArray().Select(item => (string?)item).ShouldContain("no-new-privileges:true", service);
            (await stack.Engine.DockerAsync(["diff", await stack.Project.ContainerAsync(service, Cancellation)], Cancellation))
                .Split('\n').Where(line => line.StartsWith('A')).Where(line => !IsMountPoint(line[2..])).ShouldBeEmpty(service);
        }
    }

    [Fact]
    public async Task The_agent_holds_one_group_and_no_capability()
    {
        var pid = (int)(await stack.Project.InspectAsync("agent", Cancellation))["State"]!["Pid"]!;
        var status = await File.ReadAllLinesAsync($"/proc/{pid}/status", Cancellation);
        var socketGroup = (await Command.RunAsync("stat", ["-c", "%g", stack.Engine.EngineSocket], Cancellation)).OutputOrThrow("stat");

        Value("Groups").ShouldBe(socketGroup);
        foreach (var set in (string[])["CapEff", "CapPrm", "CapInh", "CapAmb"])
        {
            Value(set).ShouldBe("0000000000000000", set);
        }

        Value("NoNewPrivs").ShouldBe("1");

        string Value(string name) => status.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
    }

    [Fact]
    public async Task One_port_is_open_to_the_outside()
    {
        var published = new List<string>();
        foreach (var service in ComposeStack.Services)
        {
            var ports = (await stack.Project.InspectAsync(service, Cancellation))["HostConfig"]!["PortBindings"]!.AsObject();
            published.AddRange(ports.Select(port => $"{service} {port.Key}"));
        }

        published.ShouldBe(["server 8443/tcp"]);
    }

    [Fact]
    public async Task No_secret_is_in_a_log_in_what_inspect_shows_or_in_an_image()
    {
        string[] secrets =
        [
            await stack.PasswordAsync(Cancellation),
            (await stack.Project.FileAsync("server", "/run/controlplane/secrets/database-password", Cancellation)).Trim(),
            (await stack.Project.FileAsync("server", "/run/controlplane/join/token", Cancellation)).Trim(),
        ];
        secrets.ShouldAllBe(secret => secret.Length >= 24);
        foreach (var service in (string[])["init", .. ComposeStack.Services])
        {
            var log = await stack.Project.LogsAsync(await stack.Project.ContainerAsync(service, Cancellation), Cancellation);
            log.ShouldNotBeEmpty(service);
            var inspected = (await stack.Project.InspectAsync(service, Cancellation)).ToJsonString();
            foreach (var secret in secrets)
            {
                log.Contains(secret, StringComparison.Ordinal).ShouldBeFalse($"the log of {service}");
                inspected.Contains(secret, StringComparison.Ordinal).ShouldBeFalse($"docker inspect of {service}");
            }
        }

        foreach (var image in (string[])[ComposeStack.ServerImage, ComposeStack.AgentImage])
        {
            var files = await FilesAsync(image);
            files.Where(file => file.EndsWith(".key", StringComparison.Ordinal) || file.EndsWith(".env", StringComparison.Ordinal)
                || file.EndsWith("database-password", StringComparison.Ordinal) || file.EndsWith("/token", StringComparison.Ordinal)
                || file.EndsWith("identity.json", StringComparison.Ordinal)).ShouldBeEmpty(image);
            (await stack.Engine.DockerAsync(["history", "--no-trunc", "--format", "{{.CreatedBy}}", image], Cancellation)).ShouldNotContain("PASSWORD", Case.Insensitive, image);
        }
    }

    [Fact]
    public async Task The_images_hold_what_they_need_and_are_small()
    {
        var server = await OwnSizeAsync(ComposeStack.ServerImage, StandInImages.AspNet);
        var agent = await OwnSizeAsync(ComposeStack.AgentImage, StandInImages.RuntimeDeps);

        server.ShouldBeLessThan(ServerImageLimit);
        agent.ShouldBeLessThan(AgentImageLimit);
        (await FilesAsync(ComposeStack.ServerImage)).Where(file => file.StartsWith("app/", StringComparison.Ordinal) && Path.GetExtension(file) is ".pdb" or ".xml" or ".map").ShouldBeEmpty();
        (await FilesAsync(ComposeStack.AgentImage)).Where(file => file.Contains("controlplane", StringComparison.Ordinal)).ShouldBe(
            ["usr/local/bin/controlplane-agent", "var/lib/controlplane-agent/"], ignoreOrder: true);
        (await FilesAsync(ComposeStack.ServerImage)).ShouldNotContain(file => file == "usr/bin/sh" || file == "bin/sh", "a shell");
        var labels = JsonNode.Parse(await stack.Engine.DockerAsync(["inspect", "-f", "{{json .Config.Labels}}", ComposeStack.ServerImage], Cancellation))!.AsObject();
        labels.Select(label => label.Key).ShouldContain("org.opencontainers.image.version");
    }

    [Fact]
    public async Task Memory_is_within_the_limits_that_were_set()
    {
        var stats = await stack.Engine.DockerAsync(["stats", "--no-stream", "--format", "{{.Name}}: {{.MemUsage}}, {{.PIDs}} threads"], Cancellation);

        foreach (var service in ComposeStack.Services)
        {
            var line = stats.Split('\n').Single(item => item.Contains($"_{service}_", StringComparison.Ordinal));
            stack.Figures.Add($"memory {line}");
            var restarts = (int)(await stack.Project.InspectAsync(service, Cancellation))["RestartCount"]!;
            restarts.ShouldBe(0, service);
        }
    }

    [Fact]
    public async Task With_the_sample_directory_its_people_sign_in()
    {
        await ImageBuild.RunAsync(
            stack.Engine, ComposeStack.DirectoryImage, $"{ComposeProject.Top}/tools/SampleDirectory/Dockerfile", $"{ComposeProject.Top}/tools/SampleDirectory", target: null, Cancellation);
        // The same project with one file more, as somebody adds it later.
        var project = stack.NewProject(stack.Project.Name, stack.Url, "docker-compose.yml", "docker-compose.directory.yml");
        await project.ComposeAsync(["up", "-d", "--no-build"], Cancellation);
        try
        {
            await stack.HealthyAsync(project, "directory", 60, Cancellation);
            await stack.HealthyAsync(project, "server", 60, Cancellation);
            var password = (await project.ComposeAsync(["exec", "-T", "directory", "cat", "/var/lib/directory/password"], Cancellation)).Trim();
            using var browser = await stack.SignInAsync(Cancellation);
            var status = await browser.PutAsync(
                "/settings/ldap",
                new JsonObject
                {
                    ["enabled"] = true,
                    ["servers"] = new JsonArray(new JsonObject
                    {
                        ["url"] = "ldaps://directory:1636",
                        ["rootCertificates"] = await project.FileAsync("directory", "/var/lib/directory/certificate.pem", Cancellation),
                        ["readerDn"] = "cn=reader,ou=services,dc=example,dc=test",
                        ["readerPassword"] = password,
                    }),
                    ["searches"] = new JsonArray(new JsonObject
                    {
                        ["baseDn"] = "ou=people,dc=example,dc=test",
                        ["scopeSubtree"] = true,
                        ["filter"] = "(objectClass=inetOrgPerson)",
                        ["userNameAttribute"] = "uid",
                    }),
                },
                (long)(await browser.GetAsync("/settings/ldap", Cancellation))["revision"]!,
                Cancellation);
            status.ShouldBe(HttpStatusCode.OK);

            using var authority = await stack.AuthorityAsync(Cancellation);
            using var ada = await ComposeBrowser.SignInAsync(stack.Url, authority, "ada", password, Cancellation);

            ((string?)(await ada.GetAsync("/profile", Cancellation))["name"]).ShouldBe("ada");
            (await project.LogsAsync(await project.ContainerAsync("directory", Cancellation), Cancellation)).Contains(password, StringComparison.Ordinal).ShouldBeFalse("the directory's log");
        }
        finally
        {
            await project.ComposeAsync(["down", "-v"], CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_second_up_changes_nothing()
    {
        var before = await PasswordFileAsync();
        var ids = await Task.WhenAll(ComposeStack.Services.Select(service => stack.Project.ContainerAsync(service, Cancellation)));

        await stack.Project.ComposeAsync(["up", "-d", "--no-build"], Cancellation);

        (await Task.WhenAll(ComposeStack.Services.Select(service => stack.Project.ContainerAsync(service, Cancellation)))).ShouldBe(ids);
        (await PasswordFileAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Taken_down_nothing_is_left()
    {
        await stack.Project.ComposeAsync(["down", "-v", "--remove-orphans"], Cancellation);

        (await stack.Project.EverythingAsync(Cancellation)).ShouldBe(["network bridge", "network host", "network none"], ignoreOrder: true, "what every engine has");
    }

    private Task<string> PasswordFileAsync() => stack.Project.FileAsync("server", "/run/controlplane/secrets/database-password", Cancellation);

    private async Task<IReadOnlyList<string>> FilesAsync(string image)
    {
        const string script = """
            container=$(docker -H "unix://$1" create "$2")
            docker -H "unix://$1" export "$container" | tar -t
            docker -H "unix://$1" rm -v "$container" >/dev/null
            """;
        var result = await Command.RunAsync("/bin/bash", ["-eo", "pipefail", "-c", script, "bash", stack.Engine.EngineSocket, image], Cancellation);
        return result.OutputOrThrow($"listing {image}").Split('\n');
    }

    /// <summary>What an image adds to its base.</summary>
    private async Task<long> OwnSizeAsync(string image, string based)
    {
        var (all, below) = (await SizeAsync(image), await SizeAsync(based));
        stack.Figures.Add(string.Create(CultureInfo.InvariantCulture, $"image {image}: {all / 1e6:F1} MB, {(all - below) / 1e6:F1} MB of it ours"));
        return all - below;
    }

    private async Task<long> SizeAsync(string image) =>
        long.Parse(await stack.Engine.DockerAsync(["image", "inspect", "-f", "{{.Size}}", image], Cancellation), CultureInfo.InvariantCulture);

    private static bool IsMountPoint(string path) => path.StartsWith("/run", StringComparison.Ordinal) || path.StartsWith("/var", StringComparison.Ordinal);
}
