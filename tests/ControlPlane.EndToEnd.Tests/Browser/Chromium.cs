using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Browser;

/// <summary>Debian's Chromium, for all tests of the dashboard.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>A window of its own, with its own session.</summary>
    internal Task<IBrowserContext> OpenAsync(string url) => _browser!.NewContextAsync(new BrowserNewContextOptions
    {
        BaseURL = url,
        IgnoreHTTPSErrors = true,
        ViewportSize = new ViewportSize { Width = 1400, Height = 900 },
    });

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
