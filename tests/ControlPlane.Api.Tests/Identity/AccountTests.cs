using System.Net;
using System.Net.Http.Json;

namespace ControlPlane.Api.Tests.Identity;

public sealed class AccountTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task An_account_is_made_changed_and_deleted_by_its_revision()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();

        var made = await admin.PostAsJsonAsync("/api/v1/users", new { name = "anna" });
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        var body = await made.JsonAsync();
        body.GetProperty("password").GetString()!.Length.ShouldBe(24);
        var at = made.Headers.Location!.OriginalString;
        var got = await admin.GetAsync(at);
        var tag = got.Headers.ETag!.Tag;

        (await PatchAsync(admin, at, """{"fullName":"Anna"}""", null)).StatusCode.ShouldBe((HttpStatusCode)428);
        var changed = await PatchAsync(admin, at, """{"fullName":"Anna"}""", tag);
        (await changed.JsonAsync()).GetProperty("fullName").GetString().ShouldBe("Anna");
        (await PatchAsync(admin, at, """{"fullName":"Berta"}""", tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await (await admin.GetAsync("/api/v1/users?kind=person&state=active&q=ANN&sort=-created")).JsonAsync()).GetProperty("total").GetInt32().ShouldBe(1);
        (await admin.GetAsync("/api/v1/users?colour=red")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.DeleteAsync(at)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.GetAsync(at)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/api/v1/profile", """{"isAdministrator":true}""")]
    [InlineData("/api/v1/profile", """{"fullName":"x","disabled":false}""")]
    [InlineData("/api/v1/profile", """{"source":"ldap"}""")]
    [InlineData("/api/v1/users/{me}", """{"passwordHash":"x"}""")]
    [InlineData("/api/v1/users/{me}", """{"id":"x"}""")]
    [InlineData("/api/v1/users/{me}", """{"fullName":"a","fullName":"b"}""")]
    public async Task Fields_that_are_not_offered_are_refused(string path, string patch)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var me = (await (await admin.GetAsync("/api/v1/auth/me")).JsonAsync()).GetProperty("id").GetString();

        var answer = await PatchAsync(admin, path.Replace("{me}", me, StringComparison.Ordinal), patch, "*");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.CodeAsync()).ShouldBe("request.invalid");
    }

    [Fact]
    public async Task People_change_their_own_name_and_nothing_of_others()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var anna = await AddAsync(admin, "anna");
        var bert = await AddAsync(admin, "bert");
        using var annas = await server.BrowserAsync("anna", Password);
        using var berts = await server.BrowserAsync("bert", Password);

        (await PatchAsync(annas, "/api/v1/profile", """{"fullName":"Anna Berg","email":"a@example.com"}""", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await annas.GetAsync("/api/v1/users")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await PatchAsync(annas, $"/api/v1/users/{anna}", """{"isAdministrator":true}""", "*")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await annas.DeleteAsync($"/api/v1/users/{bert}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        // What is somebody else's does not exist.
        var token = (await (await berts.PostAsJsonAsync("/api/v1/tokens", new { name = "ci" })).JsonAsync()).GetProperty("id").GetString();
        var session = (await (await berts.GetAsync("/api/v1/sessions")).JsonAsync()).GetProperty("items")[0].GetProperty("id").GetString();
        (await berts.PostAsJsonAsync("/api/v1/client-bundle", new { name = "laptop" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        var bundle = (await (await berts.GetAsync("/api/v1/client-bundle")).JsonAsync()).GetProperty("items")[0].GetProperty("id").GetString();
        foreach (var path in new[] { $"tokens/{token}", $"client-bundle/{bundle}", $"sessions/{session}" })
        {
            (await annas.DeleteAsync($"/api/v1/{path}")).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await berts.DeleteAsync($"/api/v1/{path}")).StatusCode.ShouldBe(HttpStatusCode.NoContent, path);
        }
    }

    [Fact]
    public async Task A_sign_in_that_waits_for_a_new_password_opens_nothing_else()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var made = await (await admin.PostAsJsonAsync("/api/v1/users", new { name = "anna" })).JsonAsync();
        using var browser = await server.BrowserAsync("anna", made.GetProperty("password").GetString()!);
        (await (await browser.GetAsync("/api/v1/auth/me")).JsonAsync()).GetProperty("pending").GetString().ShouldBe("password_change");

        foreach (var path in new[] { "/api/v1/tokens", "/api/v1/sessions", "/api/v1/profile", "/api/v1/nodes", "/hubs/live" })
        {
            (await browser.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        var page = await browser.GetAsync("/profile");
        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        page.Headers.Location!.OriginalString.ShouldBe("/sign-in/password?returnUrl=%2Fprofile");
        (await (await browser.GetAsync("/sign-in/password")).Content.ReadAsStringAsync()).ShouldContain("New password");
        (await browser.PostAsJsonAsync("/api/v1/auth/password", new { newPassword = "password1" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await browser.PostAsJsonAsync("/api/v1/auth/password", new { newPassword = Password })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync("/api/v1/tokens")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_old_cookie_is_dead_after_a_sign_in_and_after_a_step_up()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        await AddAsync(admin, "anna");
        using var browser = await server.BrowserAsync("anna", Password);
        var first = (await LoginAsync(browser)).Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var second = (await LoginAsync(browser)).Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        first.ShouldNotBe(second);
        (await WithCookieAsync(server, first)).ShouldBe(HttpStatusCode.Unauthorized);
        (await WithCookieAsync(server, second)).ShouldBe(HttpStatusCode.OK);
        var changed = await browser.PostAsJsonAsync("/api/v1/profile/password", new { currentPassword = Password, newPassword = "another long password" });
        changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await WithCookieAsync(server, second)).ShouldBe(HttpStatusCode.Unauthorized);
        (await WithCookieAsync(server, changed.Headers.GetValues("Set-Cookie").Single().Split(';')[0])).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("end")]
    [InlineData("password")]
    [InlineData("grant")]
    public async Task A_stream_ends_within_a_second_when_its_user_may_no_longer(string what)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var anna = await AddAsync(admin, "anna", isAdministrator: what != "grant");
        if (what == "grant")
        {
            await GrantAsync(server, anna, "/Shared");
        }

        using var browser = await server.BrowserAsync("anna", Password);
        using var events = await browser.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead);
        events.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var stream = await events.Content.ReadAsStreamAsync();
        var ended = DrainAsync(stream);

        switch (what)
        {
            case "disable":
                (await PatchAsync(admin, $"/api/v1/users/{anna}", """{"disabled":true}""", "*")).EnsureSuccessStatusCode();
                break;
            case "end":
                (await admin.DeleteAsync($"/api/v1/users/{anna}/sessions")).EnsureSuccessStatusCode();
                break;
            case "password":
                (await admin.PostAsync($"/api/v1/users/{anna}/reset-password", null)).EnsureSuccessStatusCode();
                break;
            default:
                await GrantAsync(server, anna, "/Unmanaged");
                break;
        }

        await ended.WaitAsync(TimeSpan.FromSeconds(1));
        (await browser.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(what == "grant" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_revoked_token_loses_its_stream()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var token = await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "watch" })).JsonAsync();
        using var program = server.WithToken(token.GetProperty("token").GetString()!);
        using var events = await program.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await events.Content.ReadAsStreamAsync();
        var ended = DrainAsync(stream);

        (await admin.DeleteAsync($"/api/v1/tokens/{token.GetProperty("id").GetString()}")).EnsureSuccessStatusCode();

        await ended.WaitAsync(TimeSpan.FromSeconds(1));
        (await program.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_counts_from_its_networks_only()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var here = await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "here", networks = new[] { "127.0.0.0/8", "::1" } })).JsonAsync();
        var there = await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "there", networks = new[] { "192.0.2.0/24" } })).JsonAsync();
        (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "x", networks = new[] { "everywhere" } })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "x", permissions = new[] { "containers.fly" } })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        using var inside = server.WithToken(here.GetProperty("token").GetString()!);
        using var outside = server.WithToken(there.GetProperty("token").GetString()!);

        (await inside.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await outside.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Settings_for_sign_in_are_read_and_put()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var got = await admin.GetAsync("/api/v1/settings/sign-in");
        (await got.JsonAsync()).GetProperty("idleMinutes").GetInt32().ShouldBe(720);

        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/v1/settings/sign-in") { Content = JsonContent.Create(new { idleMinutes = 30, secondFactor = "everybody" }) };
        put.Headers.TryAddWithoutValidation("If-Match", got.Headers.ETag!.Tag);
        (await (await admin.SendAsync(put)).JsonAsync()).GetProperty("secondFactor").GetString().ShouldBe("everybody");

        await AddAsync(admin, "anna");
        using var browser = await server.BrowserAsync("anna", Password);
        (await browser.GetAsync("/api/v1/tokens")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var setup = await (await browser.PostAsync("/api/v1/auth/second-factor/setup", null)).JsonAsync();
        setup.GetProperty("uri").GetString()!.ShouldStartWith("otpauth://totp/");
        (await browser.PostAsJsonAsync("/api/v1/auth/second-factor", new { code = "000000" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_is_shown_once_is_never_logged_nor_audited()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var made = await (await admin.PostAsJsonAsync("/api/v1/users", new { name = "canary" })).JsonAsync();
        var generated = made.GetProperty("password").GetString()!;
        using var browser = await server.BrowserAsync("canary", generated);
        await browser.PostAsJsonAsync("/api/v1/auth/password", new { newPassword = "canary-free sentence" });
        await browser.PostAsJsonAsync("/api/v1/auth/password", new { newPassword = "planted good sentence" });
        var setup = (await (await browser.PostAsJsonAsync("/api/v1/profile/second-factor", new { })).JsonAsync()).GetProperty("secret").GetString()!;
        var bundle = await browser.PostAsJsonAsync("/api/v1/client-bundle", new { name = "laptop" });
        var token = (await (await browser.PostAsJsonAsync("/api/v1/tokens", new { name = "x" })).JsonAsync()).GetProperty("token").GetString()!;
        var reset = (await (await admin.PostAsync($"/api/v1/users/{made.GetProperty("user").GetProperty("id").GetString()}/reset-password", null)).JsonAsync()).GetProperty("password").GetString()!;
        bundle.Content.Headers.ContentType!.MediaType.ShouldBe("application/zip");

        var audit = await admin.GetStringAsync("/api/v1/audit?limit=500");
        var log = string.Join('\n', server.Log.Lines.Where(line => !line.Contains("CommandText", StringComparison.Ordinal)));
        foreach (var secret in new[] { generated, "planted good sentence", "canary-free sentence", setup, token[17..], reset })
        {
            log.ShouldNotContain(secret);
            audit.ShouldNotContain(secret);
        }
    }

    [Theory]
    [InlineData("/profile")]
    [InlineData("/profile/second-factor")]
    [InlineData("/profile/sessions")]
    [InlineData("/profile/tokens")]
    [InlineData("/profile/bundles")]
    [InlineData("/access/users")]
    [InlineData("/access/users/new")]
    [InlineData("/access/users/{me}")]
    [InlineData("/access/users/{me}/teams")]
    [InlineData("/access/users/{me}/sessions")]
    [InlineData("/access/users/{me}/tokens")]
    [InlineData("/access/users/{me}/bundles")]
    [InlineData("/access/tokens")]
    public async Task Pages_show_the_account(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        var me = (await (await browser.GetAsync("/api/v1/auth/me")).JsonAsync()).GetProperty("id").GetString();

        var page = await browser.GetAsync(path.Replace("{me}", me, StringComparison.Ordinal));

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await page.Content.ReadAsStringAsync()).ShouldContain("admin");
    }

    private static async Task DrainAsync(Stream stream)
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
                // Only its end matters.
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // Cut off.
        }
    }

    private static Task<HttpResponseMessage> LoginAsync(HttpClient client) => client.PostAsJsonAsync("/api/v1/auth/login", new { name = "anna", password = Password });

    private static async Task<HttpStatusCode> WithCookieAsync(TestServer server, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me") { Headers = { { "Cookie", cookie } } };
        return (await server.Anonymous.SendAsync(request)).StatusCode;
    }

    private static async Task<HttpResponseMessage> PatchAsync(HttpClient client, string path, string json, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }

    private static async Task<string> AddAsync(HttpClient admin, string name, bool isAdministrator = false)
    {
        var made = await admin.PostAsJsonAsync("/api/v1/users", new { name, password = Password, mustChangePassword = false, isAdministrator });
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await made.JsonAsync()).GetProperty("user").GetProperty("id").GetString()!;
    }

    private static async Task GrantAsync(TestServer server, string userId, string collection)
    {
        await using var db = server.Database.CreateDbContext();
        db.Grants.Add(new() { Id = Guid.NewGuid().ToString("N"), SubjectKind = "user", SubjectId = userId, RoleId = "full-control", Collection = collection, CreatedBy = "test" });
        await ((Core.Access.AccessStore)server.Services.GetService(typeof(Core.Access.AccessStore))!).SaveAsync(db, CancellationToken.None);
    }
}
