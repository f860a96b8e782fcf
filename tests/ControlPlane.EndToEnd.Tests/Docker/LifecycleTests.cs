using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>The docker CLI from info to rm, on a cluster as on one engine.</summary>
public sealed class LifecycleTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task Version_and_info_are_the_clusters()
    {
        (await Admin.DockerAsync("version", "--format", "{{.Server.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}} {{.Server.Os}}")).ShouldMatch("^\\S+ 1\\.44 1\\.24 linux$");
        await SleeperAsync(Admin, "counted", "-m", "64m", "--cpus", "0.5");

        var info = await Admin.GetAsync("/info");
        var rows = info["SystemStatus"]!.AsArray().Select(row => (Key: row![0]!.GetValue<string>(), Value: row[1]!.GetValue<string>())).ToList();

        info["Containers"]!.GetValue<int>().ShouldBe(1);
        info["ContainersRunning"]!.GetValue<int>().ShouldBe(1);
        info["NCPU"]!.GetValue<int>().ShouldBe(3 * System.Environment.ProcessorCount);
        rows.Select(row => row.Key).Take(4).ShouldBe(["Role", "Strategy", "Filters", "Nodes"]);
        rows.Single(row => row.Key == "Nodes").Value.ShouldBe("3");
        rows.Where(row => row.Key.StartsWith(" node-", StringComparison.Ordinal)).Select(row => row.Key).ShouldBe([" node-1", " node-2", " node-3"]);
        foreach (var key in (string[])["Status", "Containers", "Reserved CPUs", "Reserved Memory", "Labels", "UpdatedAt", "ServerVersion"])
        {
            rows.Count(row => row.Key == $"  └ {key}").ShouldBe(3, key);
        }

        rows.Count(row => row.Key.EndsWith("└ Reserved Memory", StringComparison.Ordinal) && row.Value.StartsWith("64 MiB", StringComparison.Ordinal)).ShouldBe(1);
        rows.ShouldContain(row => row.Key.EndsWith("└ Labels", StringComparison.Ordinal) && row.Value.Contains("zone=b", StringComparison.Ordinal));
        (await Admin.DockerAsync("info")).ShouldContain("Server Version");
    }

    [Fact]
    public async Task Run_prints_and_gives_the_exit_code()
    {
        (await Admin.DockerAsync("run", "--rm", Image, "echo", "hello")).ShouldBe("hello");
        var failed = await Admin.TryAsync("run", "--rm", Image, "sh", "-c", "echo out; echo err >&2; exit 7");
        failed.ExitCode.ShouldBe(7);
        failed.Output.ShouldBe("out\n");
        failed.Error.ShouldBe("err\n");
        (await Admin.TryAsync("run", "--rm", Image, "no-such-program")).ExitCode.ShouldBe(127);
        (await Admin.TryAsync("run", "--rm", Image, "sh", "-c", "sh -c 'kill -9 $$'; exit $?")).ExitCode.ShouldBe(137);

        await Wait.UntilAsync("The end of what --rm removes", 5, async () => (await Cluster.PsAsync()).Count == 0);
        (await Admin.LinesAsync("ps", "-aq")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_takes_what_is_piped_in()
    {
        var piped = await Admin.ShellAsync("printf 'one\\ntwo\\n' | docker run --rm -i busybox cat");
        piped.Output.ShouldBe("one\ntwo\n", piped.Error);
        (await Admin.ShellAsync("seq 1 20000 | docker run --rm -i busybox sh -c 'sleep 0.3; wc -l'")).Output.Trim().ShouldBe("20000");
        // Input ends, output goes on: a half-closed connection.
        (await Admin.ShellAsync("echo x | docker run --rm -i busybox sh -c 'cat; sleep 0.5; echo after'")).Output.ShouldBe("x\nafter\n");
    }

    [Fact]
    public async Task A_container_goes_through_its_life()
    {
        var id = await Admin.DockerAsync("create", "--name", "life", "--stop-signal", "KILL", Image, "sleep", "3600");
        id.Length.ShouldBe(64);
        (await StateAsync("life")).ShouldBe("created");
        (await Admin.DockerAsync("start", "life")).ShouldBe("life");
        (await StateAsync("life")).ShouldBe("running");
        await Admin.DockerAsync("pause", "life");
        (await StateAsync("life")).ShouldBe("paused");
        (await Admin.DockerAsync("ps", "--filter", "status=paused", "--format", "{{.Status}}")).ShouldContain("(Paused)");
        await Admin.DockerAsync("unpause", "life");
        await Admin.DockerAsync("restart", "-t", "1", "life");
        (await StateAsync("life")).ShouldBe("running");
        await Admin.DockerAsync("kill", "-s", "KILL", "life");
        (await Admin.DockerAsync("wait", "life")).ShouldBe("137");
        (await StateAsync("life")).ShouldBe("exited");
        await Admin.DockerAsync("start", "life");
        await Admin.DockerAsync("rename", "life", "afterlife");
        (await Admin.LinesAsync("ps", "--format", "{{.Names}}")).Single().ShouldEndWith("/afterlife");
        await Admin.DockerAsync("update", "-m", "100m", "--memory-swap", "200m", "afterlife");
        (await Admin.DockerAsync("container", "inspect", "-f", "{{.HostConfig.Memory}}", "afterlife")).ShouldBe((100 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture));
        (await Admin.RefusedAsync("rm", "afterlife")).ShouldContain("running");
        await Admin.DockerAsync("stop", "-t", "1", "afterlife");
        await Admin.DockerAsync("rm", "afterlife");
        (await Admin.RefusedAsync("container", "inspect", "afterlife")).ShouldContain("No such container");
        (await Cluster.PsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_answer_shows_in_the_next_list()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = await Admin.DockerAsync("create", "--stop-signal", "KILL", Image, "sleep", "3600");
            (await Admin.LinesAsync("ps", "-aq", "--no-trunc")).ShouldBe([id]);
            await Admin.DockerAsync("start", id);
            (await Admin.LinesAsync("ps", "-q", "--no-trunc")).ShouldBe([id]);
            await Admin.DockerAsync("stop", "-t", "1", id);
            (await Admin.LinesAsync("ps", "-q")).ShouldBeEmpty();
            await Admin.DockerAsync("rm", id);
            (await Admin.LinesAsync("ps", "-aq")).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_container_made_on_an_engine_is_listed_within_a_second()
    {
        var id = await OnEngineAsync("node-2", "run", "-d", "--name", "foreign", Image, "sleep", "3600");

        await Wait.UntilAsync("The foreign container", 1.5, async () => (await Admin.DockerAsync("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}")) == $"{id} node-2/foreign");
        (await Docker.Full.LinesAsync("ps", "-a")).Length.ShouldBe(1, "only the heading");
    }

    [Fact]
    public async Task Top_stats_diff_and_port_look_into_it()
    {
        await SleeperAsync(Admin, "looked-at", "-p", "18080:80");
        await Admin.DockerAsync("exec", "looked-at", "touch", "/tmp/new-file");

        (await Admin.DockerAsync("top", "looked-at")).ShouldContain("sleep 3600");
        (await Admin.DockerAsync("stats", "--no-stream", "--format", "{{.MemUsage}}", "looked-at")).ShouldMatch("^[0-9.]+\\w+ / ");
        (await Admin.DockerAsync("diff", "looked-at")).ShouldContain("A /tmp/new-file");
        var address = Cluster[await NodeOfAsync("looked-at")].Address;
        (await Admin.DockerAsync("port", "looked-at", "80")).ShouldBe($"{address}:18080");
        (await Admin.DockerAsync("ps", "--format", "{{.Ports}}")).ShouldBe($"{address}:18080->80/tcp");
        (await Admin.DockerAsync("inspect", "--format", "{{.Node.IP}} {{.Node.Addr}}", "looked-at")).ShouldBe($"{address} {address}");
    }

    [Fact]
    public async Task Prune_removes_what_has_stopped_and_nothing_else()
    {
        await SleeperAsync(Admin, "stays");
        await Admin.DockerAsync("run", "--name", "goes", "--label", "x=1", Image, "true");
        await Admin.DockerAsync("run", "--name", "other", Image, "true");

        (await Admin.DockerAsync("container", "prune", "-f", "--filter", "label=x=1")).ShouldContain("Deleted Containers");
        (await NamesAsync()).ShouldBe(["other", "stays"]);
        await Admin.DockerAsync("container", "prune", "-f");
        (await NamesAsync()).ShouldBe(["stays"]);
        (await Cluster.PsAsync()).Single().Name.ShouldBe("stays");
    }

    private async Task<IEnumerable<string>> NamesAsync() =>
        (await Admin.LinesAsync("ps", "-a", "--format", "{{.Names}}")).Select(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]).Order(StringComparer.Ordinal);

    private Task<string> StateAsync(string name) => Admin.DockerAsync("container", "inspect", "-f", "{{.State.Status}}", name);
}
