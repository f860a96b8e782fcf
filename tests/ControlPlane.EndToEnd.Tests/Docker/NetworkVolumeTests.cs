namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Networks and volumes of nodes, under names of the cluster.</summary>
public sealed class NetworkVolumeTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task A_network_is_made_on_one_node_and_its_containers_go_there()
    {
        await Admin.DockerAsync("network", "create", "--label", "a=b", "node-2/backend");
        (await Admin.LinesAsync("network", "ls", "--filter", "name=backend", "--format", "{{.Name}}")).ShouldBe(["node-2/backend"]);
        (await OnEngineAsync("node-2", "network", "ls", "-q", "--filter", "name=backend")).ShouldNotBeEmpty();

        await SleeperAsync(Admin, "server", "--network", "backend");
        (await NodeOfAsync("server")).ShouldBe("node-2");
        (await Admin.DockerAsync("run", "--rm", "--network", "node-2/backend", Image, "sh", "-c", "nslookup server 127.0.0.11 >/dev/null 2>&1; ping -c 1 -W 2 server >/dev/null && echo reached")).ShouldBe("reached");
        (await Admin.DockerAsync("network", "inspect", "-f", "{{range .Containers}}{{.Name}}{{end}}", "backend")).ShouldContain("server");
        await Admin.RefusedAsync("network", "rm", "backend");

        await SleeperAsync(Admin, "late", "-e", "constraint:node==node-2");
        await Admin.DockerAsync("network", "connect", "--alias", "tardy", "backend", "late");
        (await Admin.DockerAsync("container", "inspect", "-f", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}", "late")).ShouldContain("backend");
        await Admin.DockerAsync("network", "disconnect", "backend", "late");
        (await Admin.DockerAsync("container", "inspect", "-f", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}", "late")).ShouldNotContain("backend");
        await Admin.DockerAsync("rm", "-f", "server", "late");
        await Admin.DockerAsync("network", "rm", "backend");
        (await Admin.LinesAsync("network", "ls", "-q", "--filter", "name=backend")).ShouldBeEmpty();
        (await OnEngineAsync("node-2", "network", "ls", "-q", "--filter", "name=backend")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Built_in_networks_stand_for_the_node_of_the_container()
    {
        (await Admin.DockerAsync("run", "--rm", "--network", "none", Image, "echo", "alone")).ShouldBe("alone");
        (await Admin.DockerAsync("run", "--rm", "--network", "host", Image, "echo", "together")).ShouldBe("together");
        (await Admin.LinesAsync("network", "ls", "--filter", "driver=bridge", "--format", "{{.Name}}")).Order(StringComparer.Ordinal).ShouldBe(["node-1/bridge", "node-2/bridge", "node-3/bridge"]);
        await Admin.RefusedAsync("network", "rm", "node-1/bridge");
        await Admin.RefusedAsync("network", "inspect", "no-such-network");
    }

    [Fact]
    public async Task Unused_networks_are_pruned()
    {
        await Admin.DockerAsync("network", "create", "node-1/idle");
        await Admin.DockerAsync("network", "create", "node-3/busy");
        await SleeperAsync(Admin, "holder", "--network", "busy");

        (await Admin.DockerAsync("network", "prune", "-f")).ShouldContain("idle");
        (await Admin.LinesAsync("network", "ls", "--format", "{{.Name}}")).Where(name => name.EndsWith("idle", StringComparison.Ordinal) || name.EndsWith("busy", StringComparison.Ordinal)).ShouldBe(["node-3/busy"]);
    }

    [Fact]
    public async Task A_volume_keeps_data_on_its_node()
    {
        await Admin.DockerAsync("volume", "create", "--label", "a=b", "node-3/kept");
        (await Admin.LinesAsync("volume", "ls", "--format", "{{.Name}}")).ShouldBe(["node-3/kept"]);
        (await Admin.DockerAsync("volume", "inspect", "-f", "{{.Driver}} {{.Labels.a}}", "kept")).ShouldBe("local b");

        await Admin.DockerAsync("run", "--rm", "-v", "kept:/data", Image, "sh", "-c", "echo content > /data/file");
        (await Admin.DockerAsync("run", "--name", "reader", "-v", "kept:/data", Image, "cat", "/data/file")).ShouldBe("content");
        (await NodeOfAsync("reader")).ShouldBe("node-3");
        (await Admin.LinesAsync("ps", "-a", "--filter", "volume=kept", "--format", "{{.Names}}")).ShouldBe(["node-3/reader"]);
        (await Admin.RefusedAsync("volume", "rm", "kept")).ShouldContain("in use");
        await Admin.DockerAsync("rm", "reader");
        await Admin.DockerAsync("volume", "rm", "kept");
        (await Admin.LinesAsync("volume", "ls", "-q")).ShouldBeEmpty();
        (await OnEngineAsync("node-3", "volume", "ls", "-q")).ShouldBeEmpty();
        await Admin.RefusedAsync("volume", "inspect", "kept");
    }

    [Fact]
    public async Task Anonymous_volumes_come_and_go_with_their_container()
    {
        await SleeperAsync(Admin, "holder", "-v", "/data");
        var node = await NodeOfAsync("holder");
        (await OnEngineAsync(node, "volume", "ls", "-q")).ShouldNotBeEmpty();

        await Admin.DockerAsync("rm", "-f", "-v", "holder");

        (await OnEngineAsync(node, "volume", "ls", "-q")).ShouldBeEmpty();
        await Admin.DockerAsync("volume", "create", "node-1/idle");
        await Admin.DockerAsync("volume", "prune", "-f", "--filter", "all=1");
        (await Admin.LinesAsync("volume", "ls", "-q")).ShouldBeEmpty();
    }
}
