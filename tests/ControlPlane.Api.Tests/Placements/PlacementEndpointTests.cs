using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Placements;

public sealed class PlacementEndpointTests
{
    private const string Simulate = "/api/v1/placements/simulate";
    private const string Rebalance = "/api/v1/placements/rebalance";

    [Fact]
    public async Task A_simulation_answers_with_nodes_before_and_after()
    {
        await using var server = await WithNodesAsync();
        using var admin = server.Administrator();

        var answer = await admin.PostAsJsonAsync(Simulate, new
        {
            requests = new[] { new { request = new { image = "busybox", resources = new { memoryBytes = 64 << 20 } }, count = 4 } },
            changes = new { nodes = new[] { new { node = "node-3", availability = "drain" } }, addNodes = new[] { new { like = "node-1", count = 1 } } },
        });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var view = await answer.JsonAsync();
        view.GetProperty("totals").GetProperty("placed").GetInt32().ShouldBe(4);
        view.GetProperty("nodes").GetArrayLength().ShouldBe(4);
        view.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("node").GetString() == "node-1-new-1").GetProperty("change").GetString().ShouldBe("added");
        view.GetProperty("placements").EnumerateArray().ShouldAllBe(placement => placement.GetProperty("placement").GetProperty("node").GetString() != "node-3");
        server.Services.GetRequiredService<ClusterState>().Current.AllContainers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"requests": [{"request": {"image": "NO SUCH"}}]}""", "requests[0].request.image")]
    [InlineData("""{"requests": [{"request": {"image": "busybox"}, "count": 0}]}""", "requests[0].count")]
    [InlineData("""{"changes": {"nodes": [{"node": "nope"}]}}""", "changes.nodes[0].node")]
    [InlineData("{}", "requests")]
    public async Task Bad_input_is_named_by_its_path(string body, string field)
    {
        await using var server = await WithNodesAsync();
        using var admin = server.Administrator();

        var answer = await admin.PostAsync(Simulate, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.CodeAsync()).ShouldBe("request.invalid");
        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"requests": [{"request": {"image": "busybox", "nope": 1}}]}""")]
    [InlineData("""{"requests": [null]}""")]
    [InlineData("""{"requests": [{"request": null}], "changes": {"addNodes": [null], "removeNodes": [null], "nodes": [null]}}""")]
    [InlineData("""{"requests": {}}""")]
    public async Task What_is_no_simulation_is_a_400(string body)
    {
        await using var server = await WithNodesAsync();
        using var admin = server.Administrator();

        (await admin.PostAsync(Simulate, new StringContent(body, System.Text.Encoding.UTF8, "application/json"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_rebalance_preview_of_an_empty_cluster_is_empty()
    {
        await using var server = await WithNodesAsync();
        using var admin = server.Administrator();

        var view = await (await admin.GetAsync(Rebalance + "?limit=5")).JsonAsync();
        view.GetProperty("moves").GetArrayLength().ShouldBe(0);
        view.GetProperty("nodes").GetArrayLength().ShouldBe(3);
        (await (await admin.GetAsync(Rebalance + "?limit=0")).CodeAsync()).ShouldBe("request.invalid");
        (await admin.GetAsync(Rebalance + "?limit=many")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/placements/simulate", "What would go where?")]
    [InlineData("/placements/simulate?Image=busybox&Count=3", "All 3 fit")]
    [InlineData("/placements/simulate?Image=busybox&Constraints[0]=disk%3D%3Dssd", "0 of 3 nodes fit")]
    [InlineData("/placements/simulate?Changes[0].Node=node-1&Changes[0].To=drain&Additions[0].Like=node-2&Additions[0].Count=2", "node-2-new-2")]
    [InlineData("/placements/rebalance", "No move would help")]
    public async Task Pages_answer_from_the_address(string path, string text)
    {
        await using var server = await WithNodesAsync();
        using var browser = await server.BrowserAsync();
        // Signing in takes its time, and nodes without a session do not stay ready.
        PutNodes(server);

        var answer = await browser.GetAsync(path);

        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, html);
        html.ShouldContain(text);
    }

    [Theory]
    [InlineData("/placements/simulate?Image=NO+SUCH", "image")]
    [InlineData("/placements/simulate?Image=busybox&Count=many", "Count")]
    [InlineData("/placements/simulate?Changes[0].Node=gone", "nodes[0].node")]
    public async Task A_page_says_which_field_is_wrong(string path, string field)
    {
        await using var server = await WithNodesAsync();
        using var browser = await server.BrowserAsync();

        var answer = await browser.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain($"<span class=\"mono\">{field}</span>");
    }

    private static async Task<TestServer> WithNodesAsync()
    {
        var server = await TestServer.StartAsync();
        PutNodes(server);
        return server;
    }

    private static void PutNodes(TestServer server) =>
        server.Services.GetRequiredService<ClusterState>().Write(writer =>
        {
            foreach (var name in (string[])["node-1", "node-2", "node-3"])
            {
                writer.Put(new NodeRecord
                {
                    Id = "id-" + name, Name = name, State = NodeState.Ready, StateSince = writer.Now, Availability = NodeAvailability.Active, JoinedAt = writer.Now, Revision = 1,
                    Synced = true, Pulse = new NodePulse(), Labels = ImmutableSortedDictionary<string, string>.Empty,
                    Description = new NodeDescription
                    {
                        EngineId = name, HostName = name, EngineVersion = "20.10.24", ApiVersion = "1.41", MinApiVersion = "1.12", OperatingSystem = "Linux", OsType = "linux",
                        Architecture = "x86_64", KernelVersion = "6.1", StorageDriver = "overlay2", Cpus = 4, MemoryBytes = 1L << 30, EngineLabels = new Dictionary<string, string>(),
                    },
                });
            }
        });
}
