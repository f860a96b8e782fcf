using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.State;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Web;

public sealed partial class PageTests
{
    private const string Hostile = "<script>alert('x')</script>";

    [Theory]
    [InlineData("/")]
    [InlineData("/nodes")]
    [InlineData("/nodes/add")]
    [InlineData("/nodes/n1")]
    [InlineData("/containers")]
    [InlineData("/containers/run")]
    [InlineData("/containers/c1/logs")]
    [InlineData("/images")]
    [InlineData("/networks?form=new")]
    [InlineData("/volumes?form=new")]
    [InlineData("/activity")]
    [InlineData("/search?q=c")]
    public async Task Pages_need_a_signed_in_browser(string path)
    {
        await using var server = await TestServer.StartAsync();
        Seed(server);
        var turnedAway = await server.Anonymous.GetAsync(path);
        turnedAway.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        turnedAway.Headers.Location!.OriginalString.ShouldStartWith("/sign-in?returnUrl=%2F");

        using var browser = await server.BrowserAsync();
        var answer = await browser.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/nodes?q=x", "/nodes?q=x")]
    [InlineData("//evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    public async Task Signing_in_leads_only_to_a_page_of_ours(string returnUrl, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var form = await server.Anonymous.GetStringAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        var answer = await server.Anonymous.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["name"] = server.First!.Name, ["password"] = server.First.Password, ["returnUrl"] = returnUrl, ["__RequestVerificationToken"] = Token(form),
        }));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe(expected);
    }

    [Fact]
    public async Task An_action_needs_the_pages_own_token()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server);
        using var browser = await server.BrowserAsync();

        (await browser.PostAsync("/containers?handler=Bulk", new FormUrlEncodedContent([new("kind", "stop"), new("ids", "c1")]))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_action_that_fails_is_a_toast_with_a_request_id()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server);
        using var browser = await server.BrowserAsync();
        var page = await browser.GetStringAsync("/containers/c1");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/containers/missing?handler=Action")
        {
            Content = new FormUrlEncodedContent([new("kind", "stop"), new("__RequestVerificationToken", Token(page))]),
            Headers = { { "HX-Request", "true" } },
        };
        var toast = await (await browser.SendAsync(request)).Content.ReadAsStringAsync();

        toast.ShouldContain("is-error");
        toast.ShouldContain("Request <code>");
    }

    [Fact]
    public async Task What_containers_call_themselves_is_text()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server, name: Hostile);
        using var browser = await server.BrowserAsync();
        foreach (var path in new[] { "/", "/containers", "/containers/rows?ids=c1", "/containers/c1", "/nodes/n1", "/nodes", "/search?q=alert" })
        {
            var html = await browser.GetStringAsync(path);
            html.ShouldNotContain("<script>alert", Case.Insensitive, path);
            html.ShouldNotContain("<img src=x", Case.Insensitive, path);
        }
    }

    [Fact]
    public async Task Rows_are_those_asked_for_that_there_are_and_match()
    {
        await using var server = await TestServer.StartAsync();
        Seed(server);
        using var browser = await server.BrowserAsync();

        var all = await browser.GetStringAsync("/containers/rows?ids=c1&ids=c2&ids=gone");
        all.ShouldContain("data-id=\"c1\"");
        all.ShouldContain("data-id=\"c2\"");
        all.ShouldNotContain("gone");
        (await browser.GetStringAsync("/containers/rows?ids=c1&ids=c2&state=exited")).ShouldNotContain("data-id=\"c1\"");
        (await browser.GetStringAsync("/nodes/rows?ids=n1&ids=gone")).ShouldContain("data-id=\"n1\"");
    }

    [Fact]
    public async Task Filters_come_from_the_address_and_empty_lists_say_why()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        (await browser.GetStringAsync("/containers")).ShouldContain("No containers yet");
        Seed(server);

        (await browser.GetStringAsync("/containers?q=nothing")).ShouldContain("No containers match these filters");
        var exited = await browser.GetStringAsync("/containers?state=exited");
        exited.ShouldContain("data-id=\"c2\"");
        exited.ShouldNotContain("data-id=\"c1\"");
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_with_404()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        foreach (var path in new[] { "/containers/nope", "/nodes/nope", "/activity/nope", "/containers/nope/logs" })
        {
            var answer = await browser.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("Not there");
        }
    }

    [Fact]
    public async Task Adding_a_node_shows_the_command_and_waits()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        var form = await browser.GetStringAsync("/nodes/add");
        var answer = await browser.PostAsync("/nodes/add", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["name"] = "rack", ["labels"] = "zone=a", ["uses"] = "1", ["expiresInSeconds"] = "3600", ["__RequestVerificationToken"] = Token(form),
        }));
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        html.ShouldContain("CONTROLPLANE_JOIN_TOKEN=cpj_");
        html.ShouldContain("--server https://");
        html.ShouldContain("Waiting for a node");
    }

    [Fact]
    public async Task A_form_that_admission_refuses_names_the_field()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        var form = await browser.GetStringAsync("/containers/run");
        var answer = await browser.PostAsync("/containers/run", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Image"] = "no such image!", ["preview"] = "true", ["__RequestVerificationToken"] = Token(form),
        }));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("data-field=\"image\"");
    }

    private static string Token(string html) => TokenField().Match(html).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    private static void Seed(TestServer server, string name = "web-1") => server.Services.GetRequiredService<ClusterState>().Write(writer =>
    {
        writer.Put(new NodeRecord
        {
            Id = "n1", Name = "node-1", State = NodeState.Ready, StateSince = writer.Now, Availability = NodeAvailability.Active, JoinedAt = writer.Now, Revision = 1, Pulse = new NodePulse(),
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add(Hostile, "<img src=x onerror=alert(1)>"),
        });
        writer.Put(Container("c1", name, "running", writer.Now));
        writer.Put(Container("c2", "other", "exited", writer.Now));
    });

    private static ContainerRecord Container(string id, string name, string state, DateTime now) => new()
    {
        Id = id, NodeId = "n1", Name = name, Image = "busybox", Collection = Collections.Unmanaged, CreatedAt = now, Pulse = new ContainerPulse(),
        Observed = new ContainerReport
        {
            EngineId = "e" + id, Name = name, Image = "busybox", ImageId = "sha256:1", Command = Hostile, CreatedAt = now, State = state,
            Labels = new Dictionary<string, string> { [Hostile] = "<img src=x onerror=alert(1)>" },
        },
    };
}
