using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Who may do what to a container of /prod; what is refused changes nothing on the engine.</summary>
public sealed class RoleTests(DockerCluster docker) : DockerTest(docker)
{
    private const int Ok = 2;

    // Expected of full, restricted, viewer and stranger: a status, or Ok for any 2xx, 304 and 409 after the fact.
    public static TheoryData<string, string, string?, int[]> Commands => new()
    {
        { "GET", "/containers/prod-box/json", null, [Ok, Ok, 403, 404] },
        { "GET", "/containers/prod-box/logs?stdout=1", null, [Ok, Ok, 403, 404] },
        { "GET", "/containers/prod-box/top", null, [Ok, Ok, Ok, 404] },
        { "GET", "/containers/prod-box/stats?stream=0", null, [Ok, Ok, Ok, 404] },
        { "GET", "/containers/prod-box/changes", null, [Ok, Ok, 403, 404] },
        { "GET", "/containers/prod-box/export", null, [Ok, 403, 403, 404] },
        { "HEAD", "/containers/prod-box/archive?path=/etc", null, [Ok, 403, 403, 404] },
        { "GET", "/containers/prod-box/archive?path=/etc", null, [Ok, 403, 403, 404] },
        { "POST", "/containers/prod-box/exec", "{\"Cmd\":[\"true\"],\"AttachStdout\":true}", [Ok, 403, 403, 404] },
        { "POST", "/containers/prod-box/resize?h=10&w=10", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/pause", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/unpause", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/kill?signal=USR1", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/rename?name=other-box", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/update", "{\"Memory\":134217728,\"MemorySwap\":268435456}", [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/update", "{\"OomKillDisable\":true}", [Ok, 403, 403, 404] },
        { "POST", "/containers/prod-box/stop?t=1", null, [Ok, Ok, 403, 404] },
        { "POST", "/containers/prod-box/restart?t=1", null, [Ok, Ok, 403, 404] },
        { "DELETE", "/containers/prod-box", null, [409, 409, 403, 404] },
        { "DELETE", "/containers/prod-box?force=1", null, [Ok, Ok, 403, 404] },
        { "POST", "/commit?container=prod-box&repo=committed", "{\"Labels\":{\"test\":\"1\"}}", [0, 403, 403, 0] },
    };

    [Theory, MemberData(nameof(Commands))]
    public async Task A_command_is_done_refused_or_about_nothing(string method, string path, string? body, int[] expected)
    {
        foreach (var (person, wanted) in (IEnumerable<(DockerPerson, int)>)[(Docker.Stranger, expected[3]), (Docker.Viewer, expected[2]), (Docker.Restricted, expected[1]), (Docker.Full, expected[0])])
        {
            if (wanted == 0)
            {
                continue;
            }

            var before = await BoxAsync();
            var (status, text) = await person.SendAsync(method, path, body);

            if (wanted == Ok)
            {
                (status is (>= 200 and < 300) or 304).ShouldBeTrue($"{method} {path} by {person.Name}: {status} {text}");
                await Docker.Full.SendAsync("DELETE", "/containers/prod-box?force=1");
                await Docker.Full.SendAsync("DELETE", "/containers/other-box?force=1");
                continue;
            }

            status.ShouldBe(wanted, $"{method} {path} by {person.Name}: {text}");
            if (method != "HEAD")
            {
                JsonNode.Parse(text)!["message"]!.GetValue<string>().ShouldNotBeEmpty();
            }

            if (wanted == 403)
            {
                text.ShouldNotContain("No such");
            }

            (await BoxAsync()).ShouldBe(before, $"{method} {path} by {person.Name} was refused");
        }
    }

    [Fact]
    public async Task Lists_show_what_one_may_see()
    {
        await BoxAsync();
        await SleeperAsync(Docker.Stranger, "elsewhere-box");

        (await NamesAsync(Admin)).ShouldBe("elsewhere-box prod-box");
        (await NamesAsync(Docker.Full)).ShouldBe("prod-box");
        (await NamesAsync(Docker.Restricted)).ShouldBe("prod-box");
        (await NamesAsync(Docker.Viewer)).ShouldBe("prod-box");
        (await NamesAsync(Docker.Stranger)).ShouldBe("elsewhere-box");
        (await Docker.Stranger.GetAsync("/info"))["Containers"]!.GetValue<int>().ShouldBe(1);
        (await Docker.Stranger.GetAsync("/info")).ToJsonString().ShouldNotContain("prod-box");
    }

    public static TheoryData<string> ReachesTheHost =>
    [
        """{"HostConfig":{"Privileged":true}}""",
        """{"HostConfig":{"Binds":["/etc:/host"]}}""",
        """{"HostConfig":{"Binds":["/var/run/docker.sock:/x"]}}""",
        """{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/host"}]}}""",
        """{"HostConfig":{"Mounts":[{"Type":"volume","Source":"v","Target":"/host","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}""",
        """{"HostConfig":{"CapAdd":["SYS_ADMIN"]}}""",
        """{"HostConfig":{"CapAdd":["ALL"]}}""",
        """{"HostConfig":{"Devices":[{"PathOnHost":"/dev/kmsg","PathInContainer":"/dev/kmsg","CgroupPermissions":"rwm"}]}}""",
        """{"HostConfig":{"DeviceCgroupRules":["c 1:3 mr"]}}""",
        """{"HostConfig":{"NetworkMode":"host"}}""",
        """{"HostConfig":{"PidMode":"host"}}""",
        """{"HostConfig":{"IpcMode":"host"}}""",
        """{"HostConfig":{"UTSMode":"host"}}""",
        """{"HostConfig":{"UsernsMode":"host"}}""",
        """{"HostConfig":{"CgroupnsMode":"host"}}""",
        """{"HostConfig":{"CgroupParent":"/"}}""",
        """{"HostConfig":{"SecurityOpt":["seccomp=unconfined"]}}""",
        """{"HostConfig":{"SecurityOpt":["apparmor=unconfined"]}}""",
        """{"HostConfig":{"SecurityOpt":["systempaths=unconfined"]}}""",
        """{"HostConfig":{"MaskedPaths":[]}}""",
        """{"HostConfig":{"ReadonlyPaths":[]}}""",
        """{"HostConfig":{"Sysctls":{"kernel.msgmax":"1"}}}""",
        """{"HostConfig":{"OomScoreAdj":-1000}}""",
        """{"HostConfig":{"Runtime":"other"}}""",
        """{"HostConfig":{"LogConfig":{"Type":"syslog","Config":{"syslog-address":"tcp://10.0.0.1:514"}}}}""",
        """{"HostConfig":{"GroupAdd":["0"]}}""",
        """{"HostConfig":{"StorageOpt":{"size":"100G"}}}""",
        """{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"80"}]}}}""",
        """{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"18090"}]}}}""",
        """{"HostConfig":{"NetworkMode":"container:elsewhere-box"}}""",
        """{"HostConfig":{"PidMode":"container:elsewhere-box"}}""",
        """{"HostConfig":{"IpcMode":"container:elsewhere-box"}}""",
        """{"HostConfig":{"VolumesFrom":["elsewhere-box"]}}""",
        """{"HostConfig":{"Links":["elsewhere-box:x"]}}""",
        // Keys that Go would take for these.
        """{"hostconfig":{"pRIVILEGED":true}}""",
        """{"HostConfig":{"Privileged":false},"HOSTCONFIG":{"Privileged":true}}""",
        """{"HostConfig":{"Privileged":false,"Privileged":true}}""",
        """{"Ho\u017ftConfig":{"Privileged":true}}""",
        """{"HostConfig":{"Privileged":false}} {"HostConfig":{"Privileged":true}}""",
    ];

    [Theory, MemberData(nameof(ReachesTheHost))]
    public async Task What_reaches_the_host_is_refused_to_restricted_control(string body)
    {
        await SleeperAsync(Docker.Stranger, "elsewhere-box");
        var whole = "{\"Image\":\"busybox\"," + body[1..];

        var (status, text) = await Docker.Restricted.SendAsync("POST", "/containers/create?name=escape", whole);

        status.ShouldBeOneOf([400, 403, 404, 409], text);
        JsonNode.Parse(text)!["message"]!.GetValue<string>().ShouldNotBeEmpty();
        (await Cluster.PsAsync()).Select(container => container.Name).ShouldBe(["elsewhere-box"]);
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "volume", "ls", "-q")).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_refusal_names_the_rule_and_is_in_the_audit()
    {
        var text = await Docker.Restricted.RefusedAsync("run", "--privileged", Image, "true");

        text.ShouldContain("rivileged");
        // Refusals are written behind the answer.
        await Clusters.Wait.UntilAsync("The refusal in the audit", 15, async () =>
        {
            var audit = (await Cluster.Api.GetAsync("/audit?limit=20")).ShouldBe(200).Text;
            return audit.Contains("restricted", StringComparison.Ordinal) && audit.Contains("containers.create", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_volume_that_is_a_disguised_bind_is_refused()
    {
        const string body = """{"Name":"disguise","Driver":"local","DriverOpts":{"type":"none","o":"bind","device":"/etc"}}""";

        (await Docker.Restricted.SendAsync("POST", "/volumes/create", body)).Status.ShouldBe(403);
        foreach (var node in Cluster.Lab.Nodes)
        {
            (await OnEngineAsync(node.Name, "volume", "ls", "-q")).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Owner_and_collection_are_stamped_and_not_taken_from_the_client()
    {
        (await Docker.Full.SendAsync("POST", "/containers/create?name=forged", """{"Image":"busybox","Labels":{"controlplane.owner":"admin","controlplane.collection":"/elsewhere"}}""")).Status
            .ShouldBeOneOf(201, 400, 403);
        await Docker.Full.DockerAsync("create", "--name", "honest", Image, "true");
        foreach (var container in await Cluster.PsAsync())
        {
            (await OnEngineAsync(container.Node, "inspect", "-f", "{{index .Config.Labels \"controlplane.owner\"}} {{index .Config.Labels \"controlplane.collection\"}}", container.EngineId)).ShouldBe("full /prod");
        }

        (await Docker.Full.RefusedAsync("create", "--label", "com.docker.ucp.access.label=/elsewhere", Image, "true")).ShouldContain("collection");
    }

    private static async Task<string> NamesAsync(DockerPerson person) =>
        string.Join(' ', (await person.LinesAsync("ps", "-a", "--format", "{{.Names}}")).Select(name => name.Split('/')[1]).Order(StringComparer.Ordinal));

    /// <summary>Makes sure that the container is there and runs; what its engine says of it.</summary>
    private async Task<string> BoxAsync()
    {
        var all = await Cluster.PsAsync();
        if (all.All(container => container.Name != "prod-box"))
        {
            // USR1 means nothing to it.
            await Docker.Full.DockerAsync("run", "-d", "--name", "prod-box", "--stop-signal", "KILL", Image, "sh", "-c", "trap '' USR1; while :; do sleep 1; done");
            all = await Cluster.PsAsync();
        }

        var box = all.Single(container => container.Name == "prod-box");
        return await OnEngineAsync(box.Node, "inspect", "-f", "{{.Id}} {{.Name}} {{.State.Status}} {{.State.StartedAt}} {{.HostConfig.Memory}} {{.HostConfig.OomKillDisable}} {{.ExecIDs}} {{.RestartCount}}", box.EngineId);
    }
}
