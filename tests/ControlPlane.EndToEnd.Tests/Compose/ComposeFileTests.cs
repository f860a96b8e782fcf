using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>Rules that each service of the compose files keeps, as docker-compose 1.29 reads the files.</summary>
public sealed class ComposeFileTests
{
    private const string Main = "docker-compose.yml";
    private const string WithDirectory = "docker-compose.directory.yml";

    // What Compose v2 and docker-compose 1.29 both know (compose-spec/spec.md, and config_schema_compose_spec.json of 1.29).
    private static readonly string[] KnownToBoth =
    [
        "build", "cap_add", "cap_drop", "command", "cpus", "depends_on", "environment", "group_add", "healthcheck", "hostname", "image", "logging",
        "mem_limit", "network_mode", "networks", "pids_limit", "ports", "read_only", "restart", "security_opt", "stop_grace_period", "stop_signal", "tmpfs", "user", "volumes",
    ];

    public static TheoryData<string> Files => [Main, $"{Main},{WithDirectory}"];

    [Theory, MemberData(nameof(Files))]
    public async Task Each_service_restarts_is_limited_logs_within_bounds_and_may_do_little(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            ((string?)service!["restart"]).ShouldBe(name == "init" ? "no" : "unless-stopped", name);
            service["mem_limit"].ShouldNotBeNull(name);
            service["cpus"].ShouldNotBeNull(name);
            service["pids_limit"].ShouldNotBeNull(name);
            ((string?)service["logging"]!["driver"]).ShouldBe("json-file", name);
            service["logging"]!["options"]!["max-size"].ShouldNotBeNull(name);
            service["logging"]!["options"]!["max-file"].ShouldNotBeNull(name);
            ((bool?)service["read_only"]).ShouldBe(true, name);
            Strings(service["cap_drop"]).ShouldBe(["ALL"], name);
            Strings(service["security_opt"]).ShouldBe(["no-new-privileges:true"], name);
            Strings(service["cap_add"]).ShouldBe(name == "agent" ? ["SETGID", "SETUID"] : [], name);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task Only_the_servers_port_is_published(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            var ports = service!["ports"]?.AsArray().Select(port => $"{port!["published"]}:{port["target"]}") ?? [];
            ports.ShouldBe(name == "server" ? ["8443:8443"] : [], name);
            ((string?)service["network_mode"]).ShouldBe(name == "init" ? "none" : null, name);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task Only_the_server_has_a_way_out(string files)
    {
        var file = await ReadAsync(files);
        var open = file["networks"]!.AsObject().Where(network => (bool?)network.Value?["internal"] != true).Select(network => network.Key);
        open.ShouldBe(["front"]);
        foreach (var (name, service) in file["services"]!.AsObject())
        {
            var networks = service!["networks"] is JsonObject map ? map.Select(pair => pair.Key) : Strings(service["networks"]);
            networks.Contains("front", StringComparer.Ordinal).ShouldBe(name == "server", name);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task No_value_is_a_secret_and_every_password_is_a_file(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            foreach (var (variable, value) in service!["environment"]?.AsObject() ?? [])
            {
                var isSecret = variable.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || variable.Contains("SECRET", StringComparison.OrdinalIgnoreCase)
                    || variable.Contains("TOKEN", StringComparison.OrdinalIgnoreCase);
                (!isSecret || variable.EndsWith("File", StringComparison.OrdinalIgnoreCase)).ShouldBeTrue($"{name}: {variable}");
                ((string?)value ?? "").ShouldNotContain("Password=", Case.Insensitive, $"{name}: {variable}");
            }
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task Host_paths_are_the_engines_socket_and_only_the_agents(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            var host = Strings(service!["volumes"]).Where(volume => volume.StartsWith('/') || volume.StartsWith('.')).Select(volume => volume.Split(':')[1]);
            host.ShouldBe(name == "agent" ? ["/var/run/docker.sock"] : [], name);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task Images_are_pinned(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            var tag = ((string)service!["image"]!).Split(':')[^1];
            tag.ShouldMatch(@"^\d+\.\d+", name);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task Only_keys_that_both_composes_know_are_used(string files)
    {
        foreach (var (name, service) in (await ReadAsync(files))["services"]!.AsObject())
        {
            service!.AsObject().Select(pair => pair.Key).Except(KnownToBoth).ShouldBeEmpty(name);
        }

        File.ReadLines(Path.Combine(ComposeProject.Top, files.Split(',')[^1])).ShouldNotContain(line => line.StartsWith("version:", StringComparison.Ordinal), "Compose v2 warns of it");
    }

    [Theory]
    [InlineData("src/ControlPlane.Api/Dockerfile")]
    [InlineData("src/ControlPlane.Agent/Dockerfile")]
    [InlineData("tools/SampleDirectory/Dockerfile")]
    public async Task Every_base_is_pinned_and_the_version_is_the_products(string dockerfile)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(ComposeProject.Top, dockerfile), TestContext.Current.CancellationToken);
        var stages = lines.Where(line => line.Contains(" AS ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).ToList();
        foreach (var image in lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).Where(image => image != "scratch" && !stages.Contains(image)))
        {
            image.ShouldMatch(@":\d+\.\d+", dockerfile);
        }

        var product = (await File.ReadAllTextAsync(Path.Combine(ComposeProject.Top, "Directory.Build.props"), TestContext.Current.CancellationToken)).Split("<Version>")[1].Split('<')[0];
        lines.Where(line => line.StartsWith("ARG VERSION=", StringComparison.Ordinal)).ShouldAllBe(line => line == $"ARG VERSION={product}");
        (await File.ReadAllTextAsync(Path.Combine(ComposeProject.Top, Main), TestContext.Current.CancellationToken)).ShouldContain($"controlplane-server:{product}}}");
    }

    private static async Task<JsonNode> ReadAsync(string files)
    {
        const string script = "docker-compose \"$@\" config | python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)'";
        var result = await Command.RunAsync(
            "/bin/bash",
            ["-eo", "pipefail", "-c", script, "bash", .. files.Split(',').SelectMany(file => (string[])["-f", Path.Combine(ComposeProject.Top, file)])],
            Command.DefaultLimit,
            // A machine's own settings are not what is looked at here.
            new Dictionary<string, string?> { ["CONTROLPLANE_PORT"] = null, ["CONTROLPLANE_ENGINE_SOCKET"] = null, ["CONTROLPLANE_NODE_ADDRESS"] = null, ["CONTROLPLANE_SERVER_IMAGE"] = null, ["CONTROLPLANE_AGENT_IMAGE"] = null },
            TestContext.Current.CancellationToken);
        return JsonNode.Parse(result.OutputOrThrow($"docker-compose config of {files}"))!;
    }

    private static IEnumerable<string> Strings(JsonNode? list) => list?.AsArray().Select(item => (string)item!) ?? [];
}
