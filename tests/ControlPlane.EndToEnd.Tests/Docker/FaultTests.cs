using System.Diagnostics;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Engines, agents and networks fail while somebody uses docker.</summary>
public sealed class FaultTests(DockerCluster docker) : DockerTest(docker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_frozen_engine_never_delays_commands_about_others()
    {
        await SleeperAsync(Admin, "well", "-e", "constraint:node==node-1");
        await SleeperAsync(Admin, "frozen", "-e", "constraint:node==node-2");
        Cluster["node-2"].FreezeEngine();

        for (var round = 0; round < 3; round++)
        {
            await WithinAsync(Soon, "GET", "/containers/json?all=1");
            await WithinAsync(Soon, "GET", "/info");
            await WithinAsync(Soon, "GET", "/containers/well/json");
            await WithinAsync(Soon, "GET", "/containers/well/logs?stdout=1");
            var (status, body) = await WithinAsync(Soon, "POST", "/containers/create?name=meanwhile", """{"Image":"busybox","Cmd":["true"],"Env":["constraint:node==node-3"]}""");
            status.ShouldBe(201, body);
            await WithinAsync(Soon, "DELETE", "/containers/meanwhile?force=1");
        }

        Cluster["node-2"].ThawEngine();
    }

    [Fact]
    public async Task A_node_that_is_down_is_hidden_said_and_its_containers_can_be_removed()
    {
        var id = await SleeperAsync(Admin, "lost", "-e", "constraint:node==node-2");
        await Cluster["node-2"].CutNetworkAsync(NetworkCut.Both, Cancellation);
        await Cluster.NodeIsAsync("node-2", "Down", 30);

        (await Admin.LinesAsync("ps", "-q")).ShouldBeEmpty();
        (await Admin.DockerAsync("ps", "-a", "--format", "{{.Names}} {{.Status}}")).ShouldBe("node-2/lost Host Down");
        (await Admin.GetAsync("/info")).ToJsonString().ShouldContain("Down");
        foreach (var (method, path) in ((string, string)[])[("GET", "/containers/lost/json"), ("GET", "/containers/lost/logs?stdout=1"), ("POST", "/containers/lost/stop"), ("POST", "/containers/lost/restart"), ("GET", "/containers/lost/top"), ("DELETE", "/containers/lost")])
        {
            var (status, body) = await WithinAsync(Soon, method, path);
            status.ShouldBe(503, $"{method} {path}: {body}");
            body.ShouldContain("node-2");
        }

        (await WithinAsync(Soon, "DELETE", "/containers/lost?force=1")).Status.ShouldBe(204);
        (await Admin.LinesAsync("ps", "-aq")).ShouldBeEmpty();
        await Admin.DockerAsync("create", "--name", "lost", "-e", "constraint:node==node-1", Image, "true");
        await Cluster["node-2"].HealNetworkAsync(Cancellation);
        await Wait.UntilAsync("The end of the removed container", 30, async () => (await Cluster.PsAsync()).All(container => container.EngineId != id));
        (await Admin.LinesAsync("ps", "-a", "--format", "{{.Names}}")).ShouldBe(["node-1/lost"]);
    }

    [Fact]
    public async Task An_engine_killed_in_the_middle_ends_streams_and_answers()
    {
        await SleeperAsync(Admin, "victim", "-e", "constraint:node==node-3");
        await Admin.DockerAsync("exec", "-d", "victim", "sh", "-c", "true");
        var logs = Admin.TryAsync("logs", "-f", "victim");
        var exec = Admin.TryAsync("exec", "victim", "sleep", "600");
        await Wait.UntilAsync("The exec", 10, async () => (await OnEngineAsync("node-3", "top", "victim")).Contains("sleep 600", StringComparison.Ordinal));

        var started = Stopwatch.GetTimestamp();
        await Cluster["node-3"].KillEngineAsync(Cancellation);
        var create = Admin.TryAsync("create", "--name", "unclear", "-e", "constraint:node==node-3", Image, "true");

        await logs;
        (await exec).ExitCode.ShouldNotBe(0);
        (await create).ExitCode.ShouldNotBe(0);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        await WithinAsync(Soon, "GET", "/containers/json?all=1");
        await Cluster["node-3"].StartEngineAsync(Cancellation);
        await Cluster.NodeIsAsync("node-3", "Ready", 30);
        await Cluster.ShouldAgreeAsync(15);
        await Admin.DockerAsync("create", "--name", "afterwards", "-e", "constraint:node==node-3", Image, "true");
    }

    [Fact]
    public async Task A_create_while_its_engine_is_killed_happens_once_or_not_at_all()
    {
        var creating = Task.WhenAll(Enumerable.Range(0, 6).Select(i => Admin.SendAsync("POST", $"/containers/create?name=c{i}x", """{"Image":"busybox","Cmd":["true"],"Env":["constraint:node==node-1"]}""")));
        await Cluster["node-1"].KillEngineAsync(Cancellation);

        var answers = await creating;
        await Cluster["node-1"].StartEngineAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Ready", 30);
        await Cluster.ShouldAgreeAsync(20);

        var there = (await Cluster.PsAsync()).Select(container => container.Name).ToList();
        there.ShouldBe(there.Distinct(StringComparer.Ordinal));
        there.Count.ShouldBeGreaterThanOrEqualTo(answers.Count(answer => answer.Status == 201));
    }

    [Fact]
    public async Task A_cut_tunnel_ends_its_streams_and_a_healed_one_serves_again()
    {
        await Admin.DockerAsync("run", "-d", "--name", "ticking", "--stop-signal", "KILL", "-e", "constraint:node==node-2", Image, "sh", "-c", "while :; do echo tick; sleep 0.2; done");
        var followed = Admin.TryAsync("logs", "-f", "--tail", "1", "ticking");
        await Cluster["node-2"].CutNetworkAsync(NetworkCut.Both, Cancellation);

        // Half open for nobody: the stream ends when the node is given up.
        await followed.WaitAsync(TimeSpan.FromSeconds(40), TimeProvider.System, Cancellation);
        await Cluster["node-2"].HealNetworkAsync(Cancellation);

        // Within its grace the node is Ready without a session: only the next command tells that it is back.
        await Wait.UntilAsync("The new session", 30, async () => (await Admin.TryAsync("logs", "--tail", "1", "ticking")).ExitCode == 0);
        await Cluster.NodeIsAsync("node-2", "Ready", 30);

        (await Admin.DockerAsync("exec", "ticking", "echo", "again")).ShouldBe("again");
        var again = await Admin.ShellAsync("timeout 10 docker logs -f --tail 0 ticking | head -n 2");
        again.Output.ShouldBe("tick\ntick\n", again.Error);
    }

    [Fact]
    public async Task An_agent_replaced_during_a_follow_ends_it_and_the_next_works()
    {
        await Admin.DockerAsync("run", "-d", "--name", "ticking", "--stop-signal", "KILL", "-e", "constraint:node==node-1", Image, "sh", "-c", "while :; do echo tick; sleep 0.2; done");
        var followed = Admin.TryAsync("logs", "-f", "--tail", "1", "ticking");
        await Wait.UntilAsync("A running follow", 10, async () => (await Admin.DockerAsync("logs", "--tail", "1", "ticking")) == "tick");

        await Cluster["node-1"].KillAgentAsync(Cancellation);
        await followed.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);
        await Cluster["node-1"].StartAgentAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Ready", 30);

        await Wait.UntilAsync("The new agent's tunnels", 30, async () => (await Admin.TryAsync("logs", "--tail", "1", "ticking")).ExitCode == 0);
        var next = await Admin.ShellAsync("timeout 10 docker logs -f --tail 0 ticking | head -n 2");
        next.Output.ShouldBe("tick\ntick\n", next.Error);
        (await OnEngineAsync("node-1", "inspect", "-f", "{{.State.Running}} {{.RestartCount}}", "ticking")).ShouldBe("true 0");
    }

    private async Task<(int Status, string Body)> WithinAsync(TimeSpan limit, string method, string path, string? body = null)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await Admin.SendAsync(method, path, body);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(limit, $"{method} {path}: {answer.Status} {answer.Body}");
        return answer;
    }
}
