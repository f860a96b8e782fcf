using System.Globalization;
using ControlPlane.EndToEnd.Tests.Clusters;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Browser;

public sealed class DashboardTests(ThreeNodes nodes, Chromium chromium) : ClusterTest(nodes), IClassFixture<Chromium>
{
    // A page's first look; what is live has its own, tighter limits.
    private const float PageLimit = 15_000;

    [Fact]
    public async Task The_printed_password_opens_the_overview_of_three_nodes()
    {
        await using var context = await chromium.OpenAsync(Cluster.Lab.Server.LocalUrl);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        page.Url.ShouldContain("/sign-in");

        await SignInAsync(page, Cluster.Lab.AdminPassword!);

        await Expect(page.Locator(".node-tile")).ToHaveCountAsync(3, new() { Timeout = PageLimit });
        await Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = PageLimit });
        (await page.Locator(".node-tile-name").AllInnerTextsAsync()).Order().ShouldBe(["node-1", "node-2", "node-3"]);
    }

    [Fact]
    public async Task A_wrong_password_opens_nothing()
    {
        await using var context = await chromium.OpenAsync(Cluster.Lab.Server.LocalUrl);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");

        await SignInAsync(page, "wrong");

        await Expect(page.Locator("[role=alert]")).ToBeVisibleAsync(new() { Timeout = PageLimit });
        page.Url.ShouldContain("/sign-in");
    }

    [Fact]
    public async Task A_container_of_the_run_form_says_where_it_is_and_is_in_the_list()
    {
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/containers/run");
        await page.FillAsync("#Image", Specs.Image);
        await page.FillAsync("#Name", "from-the-form");
        await page.FillAsync("#Command", "sleep 3600");
        await page.ClickAsync(".run-buttons button.btn-primary");
        await Expect(page.Locator("#run-result .created")).ToContainTextAsync("from-the-form", new() { Timeout = PageLimit });

        await page.GotoAsync("/containers");

        var created = await Api.ContainerAsync("from-the-form");
        var row = Row(page, "from-the-form");
        await Expect(row).ToHaveAttributeAsync("data-state", "running", new() { Timeout = PageLimit });
        await Expect(row).ToHaveAttributeAsync("data-node", created.Node);
        (await TestCluster.PsAsync(Cluster[created.Node])).Single().Name.ShouldBe("from-the-form");
    }

    [Fact]
    public async Task A_network_of_the_form_is_on_its_node_until_it_is_removed()
    {
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/networks?form=new");
        await page.FillAsync("#name", "from-the-form");
        await page.SelectOptionAsync("#node", "node-2");
        await page.FillAsync("#subnet", "10.77.0.0/24");
        await page.ClickAsync(".form-card button[type=submit]");
        await Expect(page.Locator("#toasts")).ToContainTextAsync("node-2/from-the-form was made on node-2", new() { Timeout = PageLimit });
        var row = page.Locator("tr", new() { HasText = "from-the-form" });
        await Expect(row).ToContainTextAsync("10.77.0.0/24");
        (await OnEngineAsync("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "from-the-form")).Trim().ShouldBe("10.77.0.0/24");

        await row.Locator("a", new() { HasText = "Remove" }).ClickAsync();
        await page.ClickAsync(".form-card button[type=submit]");

        await Expect(page.Locator("#toasts")).ToContainTextAsync("The network was removed", new() { Timeout = PageLimit });
        await Expect(row).ToHaveCountAsync(0);
        (await OnEngineAsync("network", "ls", "-q", "--filter", "name=from-the-form")).ShouldBeEmpty();

        Task<string> OnEngineAsync(params string[] command) => Cluster["node-2"].DockerAsync(command, Cancellation);
    }

    [Fact]
    public async Task A_mistake_in_the_run_form_is_named_beside_it()
    {
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/containers/run");
        await page.FillAsync("#Image", "UPPER");
        await page.ClickAsync(".run-buttons button.btn-primary");

        await Expect(page.Locator("#run-result [data-field=image]")).ToBeVisibleAsync(new() { Timeout = PageLimit });
        (await Cluster.PsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_happens_on_an_engine_changes_the_row_without_a_reload()
    {
        var created = await Api.RunAsync(Specs.Sleeper("live-row"));
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/containers");
        await Expect(Row(page, "live-row")).ToHaveAttributeAsync("data-state", "running", new() { Timeout = PageLimit });
        await Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = PageLimit });
        await page.EvaluateAsync("window.notReloaded = true");

        await Cluster[created.Node].DockerAsync(["stop", "live-row"], Cancellation);

        await Expect(Row(page, "live-row")).ToHaveAttributeAsync("data-state", "exited", new() { Timeout = 3000 });
        (await page.EvaluateAsync<bool>("window.notReloaded === true")).ShouldBeTrue();
    }

    [Fact]
    public async Task Logs_follow()
    {
        var created = await Api.RunAsync(Specs.Shell("echo first; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo second; exec sleep 3600", "talking", spec => spec["stopSignal"] = "SIGKILL"));
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync($"/containers/{created.Id}/logs");
        await Expect(page.Locator(".log-window")).ToContainTextAsync("first", new() { Timeout = PageLimit });

        await Cluster[created.Node].DockerAsync(["exec", "talking", "touch", "/tmp/go"], Cancellation);

        await Expect(page.Locator(".log-window")).ToContainTextAsync("second", new() { Timeout = 3000 });
    }

    [Fact]
    public async Task The_selected_are_stopped_together()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 3).Select(index => Api.RunAsync(Specs.Sleeper(string.Create(CultureInfo.InvariantCulture, $"many-{index}")))));
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/containers");
        await Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = PageLimit });
        foreach (var container in created.Take(2))
        {
            await Row(page, container.Name).Locator("[data-select]").CheckAsync();
        }

        await page.ClickAsync("#bulk [data-bulk=stop]");

        await Expect(Row(page, "many-0")).ToHaveAttributeAsync("data-state", "exited", new() { Timeout = 5000 });
        await Expect(Row(page, "many-1")).ToHaveAttributeAsync("data-state", "exited", new() { Timeout = 5000 });
        (await Api.ContainerAsync("many-2")).State.ShouldBe("running");
    }

    [Fact]
    public async Task A_page_says_that_the_server_is_away_and_goes_on_when_it_is_back()
    {
        var created = await Api.RunAsync(Specs.Sleeper("outlives"));
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/containers");
        await Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = PageLimit });
        await page.EvaluateAsync("window.notReloaded = true");

        await Cluster.Lab.Server.KillAsync(Cancellation);
        await Expect(page.Locator("#live-dot")).Not.ToHaveAttributeAsync("data-state", "live", new() { Timeout = 5000 });
        await Expect(Row(page, "outlives")).ToBeVisibleAsync();
        await Cluster[created.Node].DockerAsync(["stop", "outlives"], Cancellation);
        await Cluster.Lab.Server.StartAsync(Cancellation);

        await Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = PageLimit });
        await Expect(Row(page, "outlives")).ToHaveAttributeAsync("data-state", "exited", new() { Timeout = PageLimit });
        (await page.EvaluateAsync<bool>("window.notReloaded === true")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_simulation_says_where_containers_of_a_drained_node_would_go_and_moves_nothing()
    {
        var created = await Api.RunAsync(Specs.Sleeper("would-move"));
        await using var context = await OpenAsync();
        var page = context.Pages[0];
        await page.GotoAsync("/placements/simulate");
        await page.FillAsync("#Image", Specs.Image);
        await page.FillAsync("#Count", "4");
        await page.ClickAsync("form.simulate button:has-text('Change')");
        await page.FillAsync("[name='Changes[0].Node']", created.Node);
        await page.ClickAsync("form.simulate button[type=submit]");

        await Expect(page.Locator("#simulation .placement-summary")).ToContainTextAsync("All 4 fit, 1 can move elsewhere", new() { Timeout = PageLimit });
        await Expect(page.Locator("#simulation .simulated-moves")).ToContainTextAsync("would-move");
        page.Url.ShouldContain("Image=");
        (await Api.ContainerAsync("would-move")).Node.ShouldBe(created.Node);

        await page.GotoAsync($"/containers/{created.Id}/placement");
        await page.ClickAsync("text=Explain now");
        await Expect(page.Locator("#panel-nodes tbody tr")).ToHaveCountAsync(3, new() { Timeout = PageLimit });
        await page.ClickAsync("text=Simulate with other conditions");
        await Expect(page.Locator("#Image")).ToHaveValueAsync(Specs.Image, new() { Timeout = PageLimit });
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static ILocator Row(IPage page, string name) => page.Locator($"tr[data-name='{name}']");

    private static async Task SignInAsync(IPage page, string password)
    {
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
    }

    /// <summary>A window that is signed in.</summary>
    private async Task<IBrowserContext> OpenAsync()
    {
        var context = await chromium.OpenAsync(Cluster.Lab.Server.LocalUrl);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await SignInAsync(page, Cluster.Lab.AdminPassword!);
        await Expect(page.Locator(".node-tile").First).ToBeVisibleAsync(new() { Timeout = PageLimit });
        return context;
    }
}
