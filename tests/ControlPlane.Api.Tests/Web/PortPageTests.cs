using System.Net;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.State;
using ControlPlane.Web.Containers;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Web;

/// <summary>The dashboard says where ports are reachable, and links only where a browser can go.</summary>
public sealed class PortPageTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7:8080")]
    [InlineData("2001:db8::7", "[2001:db8::7]:8080")]
    [InlineData("node.example.com", "node.example.com:8080")]
    public async Task A_published_port_is_a_link_to_the_node(string address, string shown)
    {
        await using var server = await TestServer.StartAsync();
        Seed(server, address, new PortReport(80, "tcp", "0.0.0.0", 8080), new PortReport(80, "tcp", "::", 8080), new PortReport(53, "udp", "", 5353));
        using var browser = await server.BrowserAsync();

        var page = await browser.GetStringAsync("/containers/c1");

        page.Split($"<a href=\"http://{shown}\" target=\"_blank\" rel=\"noopener\">{shown}</a>").Length.ShouldBe(2, "once");
        page.ShouldContain($">{shown.Replace(":8080", ":5353")}<");
        page.ShouldNotContain(":5353\"");
        (await browser.GetStringAsync("/nodes/n1")).ShouldContain($">{address}<");
        (await browser.GetStringAsync("/nodes/n1/config")).ShouldContain($"<dt>Address</dt><dd class=\"mono\">{address}</dd>");
    }

    [Fact]
    public async Task Without_an_address_a_port_is_no_link()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server, "", new PortReport(80, "tcp", "0.0.0.0", 8080));
        using var browser = await server.BrowserAsync();

        var page = await browser.GetStringAsync("/containers/c1");

        page.ShouldContain(">*:8080<");
        page.ShouldNotContain("target=\"_blank\"");
    }

    [Fact]
    public async Task What_an_engine_calls_an_address_is_text()
    {
        const string hostile = "\"><script>alert(1)</script>";
        await using var server = await TestServer.StartAsync();
        Seed(server, "192.0.2.7", new PortReport(80, "tcp", hostile, 8080), new PortReport(81, "tcp", "x@evil.example", 8081));
        using var browser = await server.BrowserAsync();

        var page = await browser.GetStringAsync("/containers/c1");

        page.ShouldNotContain("<script>alert");
        page.ShouldContain(WebUtility.HtmlEncode(hostile) + ":8080");
        page.ShouldNotContain("href=\"http://");
    }

    [Fact]
    public async Task Rest_names_the_address_with_node_and_container()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server, "192.0.2.7", new PortReport(80, "tcp", "0.0.0.0", 8080));
        using var client = server.Administrator();

        (await client.GetStringAsync("/api/v1/nodes/n1")).ShouldContain("\"address\":\"192.0.2.7\"");
        (await client.GetStringAsync("/api/v1/nodes?q=192.0.2")).ShouldContain("\"name\":\"node-1\"");
        var container = await client.GetStringAsync("/api/v1/containers/c1");
        container.ShouldContain("\"nodeAddress\":\"192.0.2.7\"");
        container.ShouldContain("\"hostIp\":\"0.0.0.0\"", Case.Sensitive, "what the engine reports stays");
    }

    [Theory]
    [InlineData("127.0.0.1", "tcp", 80, "127.0.0.1:80", null)]
    [InlineData("::1", "tcp", 80, "[::1]:80", null)]
    [InlineData("198.51.100.1", "tcp", 80, "198.51.100.1:80", "http://198.51.100.1:80")]
    [InlineData("198.51.100.1", "udp", 80, "198.51.100.1:80", null)]
    [InlineData("198.51.100.1", "tcp", 0, "not published", null)]
    [InlineData("", "tcp", 80, "*:80", null)]
    [InlineData("::", "tcp", 80, "*:80", null)]
    [InlineData("a/b", "tcp", 80, "a/b:80", null)]
    public void A_link_goes_where_a_browser_can_go(string hostIp, string protocol, int hostPort, string text, string? link) =>
        PortText.Of(new PortReport(1, protocol, hostIp, hostPort)).ShouldBe(new PortText(text, link));

    private static void Seed(TestServer server, string address, params PortReport[] ports) => server.Services.GetRequiredService<ClusterState>().Write(writer =>
    {
        writer.Put(new NodeRecord
        {
            Id = "n1", Name = "node-1", State = NodeState.Ready, StateSince = writer.Now, Availability = NodeAvailability.Active, JoinedAt = writer.Now, Revision = 1, Pulse = new NodePulse(),
            Description = new NodeDescription
            {
                EngineId = "e", HostName = "host", EngineVersion = "", ApiVersion = "", MinApiVersion = "", OperatingSystem = "", OsType = "linux", Architecture = "", KernelVersion = "",
                StorageDriver = "", Cpus = 1, MemoryBytes = 1, EngineLabels = new Dictionary<string, string>(), Address = address,
            },
        });
        writer.Put(new ContainerRecord
        {
            Id = "c1", NodeId = "n1", Name = "web", Image = "busybox", Collection = Collections.Unmanaged, CreatedAt = writer.Now, Pulse = new ContainerPulse(),
            Observed = new ContainerReport
            {
                EngineId = "e1", Name = "web", Image = "busybox", ImageId = "sha256:1", Command = "sh", CreatedAt = writer.Now, State = "running", Ports = ports,
            },
        });
    });
}
