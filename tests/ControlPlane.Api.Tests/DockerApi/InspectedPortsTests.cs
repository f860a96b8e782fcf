using System.Buffers;
using System.Text;
using ControlPlane.Api.DockerApi.Containers;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Only the ports of an inspect are told anew; the rest is the engine's, byte for byte.</summary>
public sealed class InspectedPortsTests
{
    private const string Ip = "192.0.2.7";

    [Theory]
    [InlineData("""{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}""", """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"8080"}]}""")]
    [InlineData("""{"80/tcp":[{"HostIp":"::","HostPort":"8080"}]}""", """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"8080"}]}""")]
    [InlineData("""{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]}""", """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"8080"}]}""")]
    [InlineData(
        """{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"},{"HostIp":"::","HostPort":"2"}],"53/udp":null,"9/tcp":[]}""",
        """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"1"},{"HostIp":"192.0.2.7","HostPort":"2"}],"53/udp":null,"9/tcp":[]}""")]
    [InlineData(
        """{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"1"},{"HostIp":"0.0.0.0","HostPort":"2"}]}""",
        """{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"1"},{"HostIp":"192.0.2.7","HostPort":"2"}]}""")]
    public void Ports_on_all_addresses_are_at_the_nodes(string ports, string expected) => Write(Document(ports)).ShouldBe(Document(expected));

    [Theory]
    [InlineData("""{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""[{"HostIp":"0.0.0.0","HostPort":"8080"}]""")]
    public void Other_ports_stay_as_they_are(string ports) => Write(Document(ports)).ShouldBe(Document(ports));

    [Fact]
    public void Without_an_ip_address_nothing_changes()
    {
        var document = Document("""{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}""");

        Write(document, "").ShouldBe(document);
    }

    [Theory]
    [InlineData("""{"HostIp":"0.0.0.0"}""")]
    [InlineData("""{"NetworkSettings":null,"x":{"HostIp":"0.0.0.0"}}""")]
    [InlineData("""{"NetworkSettings":{"Bridge":""},"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"}]}}""")]
    [InlineData("""{"a":{"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"}]}}}}""")]
    [InlineData("""{"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"}""")]
    [InlineData("""{"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"}]]}}""")]
    [InlineData("""["HostIp":"0.0.0.0"]""")]
    public void What_is_elsewhere_or_broken_is_passed_on(string document) => Write(document).ShouldBe(document);

    [Fact]
    public void A_label_that_looks_like_ports_is_no_ports()
    {
        const string label = """{"Config":{"Labels":{"x":"\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\"","NetworkSettings":"{"}},"NetworkSettings":{"Ports":{PORTS}}}""";

        Write(label.Replace("{PORTS}", """{"80/tcp":[{"HostIp":"::","HostPort":"8080"}]}"""))
            .ShouldBe(label.Replace("{PORTS}", """{"80/tcp":[{"HostIp":"192.0.2.7","HostPort":"8080"}]}"""));
    }

    /// <summary>What was asked for stays: only what the engine listens on is told anew.</summary>
    private static string Document(string ports) =>
        """{"Id":"e","HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}},"NetworkSettings":{"Bridge":"","Ports":"""
        + ports + ""","SandboxKey":"ü<&>"},"Last":[1, 2]}""";

    private static string Write(string document, string ip = Ip)
    {
        var to = new ArrayBufferWriter<byte>();
        InspectedPorts.Write(to, Encoding.UTF8.GetBytes(document), start: 1, ip);
        return document[..1] + Encoding.UTF8.GetString(to.WrittenSpan);
    }
}
