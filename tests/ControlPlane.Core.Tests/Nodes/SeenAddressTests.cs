using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes;

namespace ControlPlane.Core.Tests.Nodes;

public sealed class SeenAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("2001:DB8:0:0::7", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.9.9.9", "")]
    [InlineData("::1", "")]
    [InlineData("::ffff:127.0.0.1", "")]
    [InlineData("fe80::1", "")]
    [InlineData("fe80::1%3", "")]
    [InlineData("0.0.0.0", "")]
    [InlineData("nonsense", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Where_others_cannot_reach_a_node_it_has_no_address(string? remote, string expected) =>
        SeenAddress.Complete(Describe(""), remote).Address.ShouldBe(expected);

    [Fact]
    public void What_the_agent_says_counts_more() => SeenAddress.Complete(Describe("node.example.com"), "192.0.2.7").Address.ShouldBe("node.example.com");

    [Fact]
    public void Without_a_description_there_is_nothing_to_complete() => SeenAddress.Complete(null, "192.0.2.7").ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData(",\"address\":null")]
    public void An_agent_of_before_says_nothing_of_it(string address)
    {
        var known = JsonSerializer.Serialize(Describe("x"), AgentJson.Default.NodeDescription);
        known.ShouldContain(",\"address\":\"x\"");

        var read = JsonSerializer.Deserialize(known.Replace(",\"address\":\"x\"", address, StringComparison.Ordinal), AgentJson.Default.NodeDescription)!;

        read.Address.ShouldBe("");
        SeenAddress.Complete(read, "192.0.2.7").Address.ShouldBe("192.0.2.7");
    }

    private static NodeDescription Describe(string address) => new()
    {
        EngineId = "e", HostName = "host", EngineVersion = "", ApiVersion = "", MinApiVersion = "", OperatingSystem = "", OsType = "linux", Architecture = "", KernelVersion = "",
        StorageDriver = "", Cpus = 1, MemoryBytes = 1, EngineLabels = new Dictionary<string, string>(), Address = address,
    };
}
