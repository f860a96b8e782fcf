using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Clients are told where a port is reachable, as classic Swarm told them.</summary>
public sealed class NodeAddressTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    private const string Node = "own-node";
    private const string Container = "own-container";

    private static readonly PortReport[] DualStack = [new(80, "tcp", "0.0.0.0", 8080), new(80, "tcp", "::", 8080)];

    [Fact]
    public async Task A_list_shows_the_nodes_address_and_one_line_for_both_families()
    {
        Put("192.0.2.7", [.. DualStack, new(53, "udp", "", 5353), new(443, "tcp", "198.51.100.1", 8443), new(22, "tcp", "127.0.0.1", 2222), new(9000, "tcp", "", 0)]);

        (await PortsAsync()).ShouldBe(
        [
            "192.0.2.7:8080->80/tcp", "192.0.2.7:5353->53/udp", "198.51.100.1:8443->443/tcp", "127.0.0.1:2222->22/tcp", "9000/tcp",
        ]);
    }

    [Fact]
    public async Task Families_on_different_ports_stay_two_lines()
    {
        Put("2001:db8::7", [new(80, "tcp", "0.0.0.0", 32768), new(80, "tcp", "::", 32769)]);

        (await PortsAsync()).ShouldBe(["2001:db8::7:32768->80/tcp", "2001:db8::7:32769->80/tcp"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("node.example.com")]
    public async Task Without_an_ip_address_a_list_is_as_the_engines(string address)
    {
        Put(address, DualStack);

        (await PortsAsync()).ShouldBe(["0.0.0.0:8080->80/tcp", ":::8080->80/tcp"]);
    }

    [Fact]
    public async Task A_node_that_moves_is_listed_at_its_new_address()
    {
        Put("192.0.2.7", DualStack);
        await PortsAsync();
        (await PortsAsync()).ShouldBe(["192.0.2.7:8080->80/tcp"]);

        PutNode("192.0.2.8");

        (await PortsAsync()).ShouldBe(["192.0.2.8:8080->80/tcp"]);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("node.example.com", "node.example.com")]
    [InlineData("", Node)]
    public async Task Info_has_the_row_of_classic_swarm(string address, string shown)
    {
        PutNode(address);

        var rows = (await GetAsync("/v1.41/info")).GetProperty("SystemStatus").EnumerateArray().Select(row => (Key: row[0].GetString(), Value: row[1].GetString()));

        rows.Single(row => row.Key == " " + Node).Value.ShouldBe(shown);
    }

    [Fact]
    public async Task Events_name_the_address()
    {
        PutNode("192.0.2.7");
        world.Cluster.Get<EngineEventFeed>().Add(
            "id-" + Node,
            [
                new EngineEvent(DateTime.UnixEpoch.AddSeconds(100), "network", "create", "n", "net", "")
                {
                    Attributes = new Dictionary<string, string> { ["node.ip"] = "6.6.6.6", ["name"] = "net" },
                },
            ]);

        var one = await GetAsync("/v1.41/events?since=99&until=101");

        var attributes = one.GetProperty("Actor").GetProperty("Attributes");
        attributes.GetProperty("node.ip").GetString().ShouldBe("192.0.2.7");
        attributes.GetProperty("node.addr").GetString().ShouldBe("192.0.2.7");
        attributes.GetProperty("name").GetString().ShouldBe("net");
        one.GetProperty("node").GetProperty("Ip").GetString().ShouldBe("192.0.2.7");
        one.GetProperty("node").GetProperty("Addr").GetString().ShouldBe("192.0.2.7");
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7", """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"8080"}]}""")]
    [InlineData("node.example.com", "", "node.example.com", """{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]}""")]
    [InlineData("", "", "host", """{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]}""")]
    public async Task An_inspect_tells_node_and_ports(string address, string ip, string shown, string ports)
    {
        await using var node = await ScriptedNode.StartAsync(world, "inspected", address);
        node.Inspected = """{"Id":"e","NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]}}}""";
        var created = await world.AskAsync(
            world.Request("POST", "/v1.41/containers/create?name=inspected", byToken: true, """{"Image":"scripted:1","Env":["constraint:node==inspected*"]}"""), byToken: true);
        created!.Status.ShouldBe(201, created.Body);
        var id = JsonElement.Parse(created.Body).GetProperty("Id").GetString();

        var inspect = await GetAsync($"/v1.41/containers/{id}/json");

        inspect.GetProperty("Node").GetProperty("IP").GetString().ShouldBe(ip);
        inspect.GetProperty("Node").GetProperty("Addr").GetString().ShouldBe(shown);
        inspect.GetProperty("NetworkSettings").GetProperty("Ports").GetRawText().ShouldBe(ports);
        (await world.AskAsync(world.Request("DELETE", $"/v1.41/containers/{id}?force=1", byToken: true), byToken: true))!.Status.ShouldBe(204);
    }

    private void Put(string address, PortReport[] ports)
    {
        PutNode(address);
        world.Cluster.Get<ClusterState>().Write(writer =>
        {
            var container = world.Cluster.Get<ClusterState>().Current.Containers.Values.Single(one => one.Name == Container);
            writer.Put(container with { Observed = container.Observed! with { Ports = ports } });
        });
    }

    private void PutNode(string address) => world.Cluster.Get<ClusterState>().Write(writer =>
    {
        var node = writer.Node("id-" + Node)!;
        writer.Put(node with { Description = node.Description! with { Address = address } });
    });

    private async Task<IEnumerable<string>> PortsAsync()
    {
        var list = await GetAsync("/v1.41/containers/json?all=1");
        return list.EnumerateArray().Single(one => one.GetProperty("Names")[0].GetString() == $"/{Node}/{Container}").GetProperty("Ports").EnumerateArray().Select(Line);
    }

    /// <summary>As <c>docker ps</c> prints it.</summary>
    private static string Line(JsonElement port) => port.TryGetProperty("IP", out var ip)
        ? $"{ip.GetString()}:{port.GetProperty("PublicPort").GetInt32()}->{port.GetProperty("PrivatePort").GetInt32()}/{port.GetProperty("Type").GetString()}"
        : $"{port.GetProperty("PrivatePort").GetInt32()}/{port.GetProperty("Type").GetString()}";

    private async Task<JsonElement> GetAsync(string target)
    {
        var answer = await world.AskAsync(world.Request("GET", target, byToken: true), byToken: true);
        answer!.Status.ShouldBe(200, answer.Body);
        return JsonElement.Parse(answer.Body);
    }
}
