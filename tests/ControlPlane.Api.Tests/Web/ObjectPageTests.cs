using System.Net;
using System.Text.RegularExpressions;
using ControlPlane.Api.Tests.Access;

namespace ControlPlane.Api.Tests.Web;

/// <summary>The pages of images, networks and volumes: what is listed, who may change it, and how a mistake is told.</summary>
public sealed partial class ObjectPageTests : IAsyncLifetime
{
    private const string Password = "a test password nobody guesses";

    private AccessCluster? _cluster;

    private AccessCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync() => _cluster = await AccessCluster.StartAsync();

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();

    [Theory]
    [InlineData("images", "own-image:1")]
    [InlineData("networks", "own-network")]
    [InlineData("volumes", "own-volume")]
    public async Task Who_may_look_sees_what_is_theirs_and_no_buttons(string page, string name)
    {
        using var browser = await PersonAsync("view-only");

        var html = await browser.GetStringAsync("/" + page);

        html.ShouldContain(name);
        html.ShouldNotContain(AccessCluster.Mark);
        html.ShouldNotContain("Remove…");
        html.ShouldNotContain("?form=new");
        html.ShouldContain($"class=\"cp-nav-link is-here\" href=\"/{page}\"");
        (await browser.GetStringAsync($"/{page}?form=new")).ShouldNotContain("form-card");
        (await browser.GetStringAsync($"/{page}?remove={(page == "volumes" ? name : Id(page))}")).ShouldNotContain("form-card");
    }

    [Theory]
    [InlineData("images", "own-image:1")]
    [InlineData("networks", "own-network")]
    [InlineData("volumes", "own-volume")]
    public async Task Who_may_change_is_asked_before_something_goes(string page, string name)
    {
        using var browser = await PersonAsync("full-control");

        var html = await browser.GetStringAsync($"/{page}?remove={(page == "volumes" ? name : Id(page))}");

        html.ShouldContain("Remove…");
        html.ShouldContain($"action=\"/{page}?handler=Remove\"");
        html.ShouldContain($"<span class=\"mono\">{name}</span>");
        html.ShouldNotContain(AccessCluster.Mark);
    }

    [Theory]
    [InlineData("images", "id")]
    [InlineData("networks", "id")]
    [InlineData("volumes", "name")]
    public async Task What_is_anothers_is_not_there_to_be_removed(string page, string field)
    {
        using var browser = await PersonAsync("full-control");
        var hidden = page == "volumes" ? "hidden-volume" : Id(page).Replace('1', '2');

        var answer = await PostAsync(browser, page, "Remove", (field, hidden));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var told = await browser.GetStringAsync("/" + page);
        told.ShouldContain("is-error");
        told.ShouldContain("Not there");
        Cluster.Get<Core.State.ClusterState>().Current.Nodes["id-" + AccessCluster.HiddenNode].Volumes.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("networks")]
    [InlineData("volumes")]
    public async Task Who_may_only_look_makes_nothing(string page)
    {
        using var browser = await PersonAsync("view-only");

        (await PostAsync(browser, page, "Create", ("name", "mine"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("networks", "name", "not a name", "must be 1 to 255")]
    [InlineData("networks", "labels", "no label", "is not key=value")]
    [InlineData("networks", "node", "hidden-node", "Not there")]
    [InlineData("volumes", "name", "not a name", "must be 2 to 255")]
    [InlineData("volumes", "labels", "no label", "is not key=value")]
    public async Task A_mistake_is_told_and_what_was_typed_stays(string page, string field, string value, string told)
    {
        using var browser = await PersonAsync("full-control");

        var answer = await PostAsync(browser, page, "Create", ("collection", AccessCluster.Own), ("name", field == "name" ? value : "kept-name"), (field == "name" ? "driver" : field, field == "name" ? "" : value));

        ((int)answer.StatusCode).ShouldBeInRange(400, 499);
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        html.ShouldContain(told);
        html.ShouldContain(field == "name" ? $"value=\"{value}\"" : "value=\"kept-name\"");
    }

    [Theory]
    [InlineData("images")]
    [InlineData("networks")]
    [InlineData("volumes")]
    public async Task A_search_that_finds_nothing_says_so(string page)
    {
        using var browser = await PersonAsync("view-only");

        var html = await browser.GetStringAsync($"/{page}?q={WebUtility.UrlEncode("<script>")}");

        html.ShouldContain("Clear search");
        html.ShouldContain("value=\"&lt;script&gt;\"");
    }

    [Fact]
    public async Task Who_may_see_none_has_no_links_to_them()
    {
        using var browser = await PersonAsync(null);

        var html = await browser.GetStringAsync("/");

        html.ShouldContain("href=\"/nodes\"");
        html.ShouldNotContain("href=\"/networks\"");
        (await browser.GetAsync("/networks")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static string Id(string page) => (page == "images" ? "sha256:" : "") + new string('1', 64);

    private async Task<HttpClient> PersonAsync(string? role)
    {
        await Cluster.ClientAsync(role, AccessCluster.Own);
        return await Cluster.Server.BrowserAsync($"{role ?? "nobody"}-own", Password);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string page, string handler, params (string Name, string Value)[] fields)
    {
        var token = TokenField().Match(await browser.GetStringAsync("/" + page)).Groups[1].Value;
        return await browser.PostAsync(
            $"/{page}?handler={handler}", new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
