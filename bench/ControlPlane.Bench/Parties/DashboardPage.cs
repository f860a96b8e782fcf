using System.Diagnostics;
using Microsoft.Playwright;

namespace ControlPlane.Bench.Parties;

/// <summary>The containers page in a real browser; tells when a row changed in the document.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    public const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private DashboardPage(IPlaywright playwright, IBrowser browser, IPage page)
    {
        _playwright = playwright;
        _browser = browser;
        _page = page;
    }

    public static bool IsInstalled => File.Exists(Chromium);

    /// <summary>Signs in and waits until the page is live.</summary>
    public static async Task<DashboardPage> OpenAsync(BenchServer server)
    {
        var playwright = await Playwright.CreateAsync();
        IBrowser? browser = null;
        try
        {
            browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Flags, Headless = true });
            var page = await browser.NewPageAsync(new BrowserNewPageOptions { IgnoreHTTPSErrors = true });
            page.SetDefaultTimeout(60_000);
            await page.GotoAsync(server.Process.LocalUrl + "/containers?sort=name&limit=100");
            await page.FillAsync("input[name=name]", "admin");
            await page.FillAsync("input[name=password]", server.AdminPassword);
            await page.ClickAsync("button[type=submit]");
            await page.WaitForSelectorAsync("body[data-live=live] tr[data-kind=container]");
            return new DashboardPage(playwright, browser, page);
        }
        catch
        {
            await (browser?.DisposeAsync() ?? ValueTask.CompletedTask);
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Milliseconds from <paramref name="change"/> until the row of the container has another state. The page looks at its own document
    /// with an observer, so no polling period is in the figure; what the way to the browser takes is.
    /// </summary>
    public async Task<double> TimeAsync(string id, string state, Func<Task> change)
    {
        await _page.EvaluateAsync(
            """
            ([id, state]) => {
              window.__seen = new Promise((resolve) => {
                const holds = () => document.querySelector(`tr[data-id="${id}"]`)?.dataset.state === state;
                const observer = new MutationObserver(() => { if (holds()) { observer.disconnect(); resolve(true); } });
                observer.observe(document.body, { subtree: true, childList: true, attributes: true });
                if (holds()) { observer.disconnect(); resolve(true); }
              });
            }
            """,
            new[] { id, state });
        var started = Stopwatch.GetTimestamp();
        await change();
        await _page.EvaluateAsync("() => window.__seen").WaitAsync(TimeSpan.FromSeconds(30));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>The state that the page shows of a container; null when it shows none.</summary>
    public async Task<string?> StateOfAsync(string id) => await _page.Locator($"tr[data-id=\"{id}\"]").First.GetAttributeAsync("data-state");

    /// <summary>A container that the page shows.</summary>
    public async Task<string> AnyAsync() =>
        await _page.Locator("tr[data-kind=container]").First.GetAttributeAsync("data-id") ?? throw new InvalidOperationException("The page shows no container.");

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
