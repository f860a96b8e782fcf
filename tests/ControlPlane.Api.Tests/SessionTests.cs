using System.Net;
using System.Net.Http.Json;

namespace ControlPlane.Api.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task A_login_sets_a_host_cookie_that_logout_kills_on_the_server()
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { name = "admin", password = server.First!.Password });
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldStartWith("__Host-controlplane=");
        cookie.ShouldContain("secure");
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        cookie.ShouldContain("path=/");
        (await server.Anonymous.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var logout = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/logout") { Headers = { { "X-Requested-With", "test" } } };
        (await server.Anonymous.SendAsync(logout)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me") { Headers = { { "Cookie", cookie.Split(';')[0] } } };
        (await server.Anonymous.SendAsync(again)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("X-Requested-With", "x", true)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "self", true)]
    public async Task A_cookie_changes_things_only_from_our_own_pages(string? header, string? value, bool allowed)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name = "x" }) };
        if (header is not null)
        {
            request.Headers.Add(header, value == "self" ? server.Url.GetLeftPart(UriPartial.Authority) : value);
        }

        var answer = await browser.SendAsync(request);

        answer.StatusCode.ShouldBe(allowed ? HttpStatusCode.Created : HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Nobody_is_signed_in_from_elsewhere()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login")
        {
            Content = JsonContent.Create(new { name = "admin", password = server.First!.Password }),
            Headers = { { "Origin", "https://evil.example" } },
        };

        (await server.Anonymous.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Guessing_ends_in_429_with_a_time_to_wait()
    {
        await using var server = await TestServer.StartAsync();
        HttpResponseMessage? last = null;
        for (var attempt = 0; attempt < 6; attempt++)
        {
            last = await server.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { name = "admin", password = "wrong password" });
        }

        last!.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        last.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 15);
        (await last.CodeAsync()).ShouldBe("auth.throttled");
    }

    [Theory]
    [InlineData("/v1.44/containers/json")]
    [InlineData("/v2/")]
    [InlineData("/_ping")]
    [InlineData("/agent/v1/session")]
    public void Machine_paths_take_no_cookie(string path) => Api.SignIn.CookieScope.Covers(path).ShouldBeFalse();

    [Fact]
    public async Task Secrets_never_reach_the_log()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        using var admin = server.Administrator();
        var created = await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "x" })).JsonAsync();
        await server.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { name = "admin", password = "a very wrong password" });
        await admin.GetAsync("/api/v1/audit?actor=ticket-in-query");

        var log = string.Join('\n', server.Log.Lines.Where(line => !line.Contains("CommandText", StringComparison.Ordinal)));
        log.ShouldNotContain(server.First!.Password);
        log.ShouldNotContain(server.First.Token[17..]);
        log.ShouldNotContain(created.GetProperty("token").GetString()![17..]);
        log.ShouldNotContain("a very wrong password");
    }
}
