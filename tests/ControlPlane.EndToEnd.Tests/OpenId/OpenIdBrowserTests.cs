using ControlPlane.EndToEnd.Tests.Browser;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.TestKit.OpenId;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ControlPlane.EndToEnd.Tests.OpenId;

/// <summary>A person, a browser, a real provider.</summary>
public sealed class OpenIdBrowserTests(ThreeNodes nodes, Chromium chromium) : ClusterTest(nodes), IClassFixture<Chromium>
{
    private const float PageLimit = 15_000;

    [Fact]
    public async Task Somebody_signs_in_at_a_provider_that_the_form_made_signs_out_and_a_forged_answer_opens_nothing()
    {
        var url = Cluster.Lab.Server.Url;
        await using var provider = await TestProvider.StartAsync(url, "browser", Cluster.Lab.Server.CaPath);
        await using (var admin = await chromium.OpenAsync(url))
        {
            await ConfigureAsync(await admin.NewPageAsync(), provider);
        }

        await using var context = await chromium.OpenAsync(url);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=%2Fcontainers");
        await page.ClickAsync("a[data-provider=browser]");
        await page.FillAsync("input[name=login]", "alice");
        await page.FillAsync("input[name=password]", "any");
        await page.ClickAsync("button[type=submit]");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator(".cp-user")).ToHaveTextAsync("alice", new() { Timeout = PageLimit });
        new Uri(page.Url).AbsolutePath.ShouldBe("/containers");

        await page.ClickAsync("summary[title=alice]");
        await page.ClickAsync("form[action*='handler=Out'] button");
        await Expect(page.Locator("#password")).ToBeVisibleAsync(new() { Timeout = PageLimit });
        await page.ClickAsync("text=Sign out there, too");
        await page.ClickAsync("button[value=yes]");
        await Expect(page.Locator("#password")).ToBeVisibleAsync(new() { Timeout = PageLimit });

        await page.GotoAsync("/sign-in/openid/browser/callback?code=forged&state=forged");
        await Expect(page.Locator("[role=alert]")).ToContainTextAsync("openid.state", new() { Timeout = PageLimit });
        await page.GotoAsync("/containers");
        page.Url.ShouldContain("/sign-in");

        using var remove = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/settings/oidc/browser") { Headers = { { "If-Match", "*" } } };
        (await Api.Client.SendAsync(remove, Cancellation)).IsSuccessStatusCode.ShouldBeTrue();
    }

    private async Task ConfigureAsync(IPage page, TestProvider provider)
    {
        await page.GotoAsync("/sign-in?returnUrl=%2Faccess%2Fopenid%2Fnew");
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", Cluster.Lab.AdminPassword!);
        await page.ClickAsync("button[type=submit]");
        await page.FillAsync("#Id", "browser");
        await page.FillAsync("#DisplayName", "Corporate login");
        await page.FillAsync("#Authority", provider.Issuer);
        await page.FillAsync("#ClientId", TestProvider.ClientId);
        await page.FillAsync("#ClientSecret", TestProvider.ClientSecret);
        await page.FillAsync("#Scopes", "openid profile email groups");
        await page.FillAsync("#AdministratorClaim", "groups");
        await page.FillAsync("#AdministratorValue", "admins");
        await page.CheckAsync("input[name=AllowInsecure]");
        await page.ClickAsync(".dialog-buttons button.btn-primary");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("/sign-in/openid/browser/callback", new() { Timeout = PageLimit });
        (await page.InputValueAsync("#ClientSecret")).ShouldBeEmpty();
        await page.ClickAsync("text=Test what is saved");
        await Expect(page.Locator("#test-result")).ToContainTextAsync("The test went well", new() { Timeout = PageLimit });
    }
}
