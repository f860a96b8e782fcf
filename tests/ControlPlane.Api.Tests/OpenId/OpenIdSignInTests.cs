using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using ControlPlane.Core.Access;
using ControlPlane.TestKit.OpenId;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.OpenId;

/// <summary>Against a real provider.</summary>
public sealed class OpenIdSignInTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_signs_in_and_gets_what_their_groups_give_wherever_the_provider_says_them(bool idTokenClaims)
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync(idTokenClaims);
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        var (at, answer) = await browser.SignInAsync("alice", returnUrl: "/api/v1/auth/me");

        at.AbsolutePath.ShouldBe("/api/v1/auth/me", provider.Output + world.Log[^Math.Min(2000, world.Log.Length)..]);
        var me = await answer.JsonAsync();
        me.GetProperty("name").GetString().ShouldBe("alice");
        me.GetProperty("isAdministrator").GetBoolean().ShouldBeTrue();
        var user = await world.ReadAsync(db => db.Users.SingleAsync(u => u.FoldedName == "alice"));
        user.FullName.ShouldBe("Alice Archer");
        (await world.ReadAsync(db => db.TeamMembers.Where(m => m.UserId == user.Id).OrderBy(m => m.TeamId).Select(m => m.Source + "/" + m.TeamId).ToListAsync()))
            .ShouldBe(["oidc:corp/devs", "oidc:corp/ops"]);
        (await world.ReadAsync(db => db.Audit.AnyAsync(e => e.Action == "auth.login" && e.Result == "ok" && e.ObjectId == user.Id && e.Detail == "oidc:corp"))).ShouldBeTrue();
        (await world.ReadAsync(db => db.Sessions.SingleAsync(s => s.UserId == user.Id))).ProviderSession!.ShouldStartWith(provider.Issuer + "|");
    }

    [Fact]
    public async Task Nothing_of_the_sign_in_stays_but_the_session_and_no_secret_is_logged()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        var begin = await browser.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}");
        foreach (var cookie in begin.Headers.GetValues("Set-Cookie"))
        {
            cookie.ShouldStartWith("__Host-cp-openid-");
            cookie.ShouldContain("secure");
            cookie.ShouldContain("httponly");
            cookie.ShouldContain("samesite=lax");
            cookie.ShouldContain("path=/;");
        }

        begin.Headers.Location!.Query.ShouldContain("request_uri=");
        using var fresh = new Browsing(world.Server);
        await fresh.SignInAsync("alice");

        fresh.CookieNames.Where(name => name.StartsWith("__Host-", StringComparison.Ordinal)).Order().ShouldBe(["__Host-controlplane", "__Host-cp-openid-provider"]);
        fresh.Visited.ShouldAllBe(address => !address.Query.Contains("id_token", StringComparison.Ordinal));
        world.Log.ShouldNotContain(TestProvider.ClientSecret);
        world.Log.ShouldNotContain("eyJ");
        (await world.ReadAsync(db => db.Settings.SingleAsync(s => s.Name == "oidc"))).ValueJson.ShouldNotContain(TestProvider.ClientSecret);
    }

    [Fact]
    public async Task Whose_groups_nobody_maps_is_told_so_and_gets_no_account()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        var (_, answer) = await browser.SignInAsync("mallory");

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("auth.no_access");
        browser.CookieNames.ShouldNotContain("__Host-controlplane");
        (await world.ReadAsync(db => db.Users.AnyAsync(u => u.FoldedName == "mallory"))).ShouldBeFalse();
        await world.ShouldBeAuditedAsync(e => e.Action == "auth.provision" && e.Result == "refused");
    }

    [Fact]
    public async Task Groups_that_are_only_at_userinfo_count_for_nothing_when_it_is_not_asked()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync(idTokenClaims: false, userInfo: false);
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        (await browser.SignInAsync("alice")).Answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_name_of_a_local_account_is_not_taken_over()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        var (_, answer) = await browser.SignInAsync("admin");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        browser.CookieNames.ShouldNotContain("__Host-controlplane");
        (await world.ReadAsync(db => db.ExternalIdentities.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task One_group_as_plain_text_counts_and_an_address_that_two_people_have_joins_nobody()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var alice = new Browsing(world.Server);
        using var bob = new Browsing(world.Server);

        await alice.SignInAsync("alice");
        await bob.SignInAsync("bob");

        var users = await world.ReadAsync(db => db.Users.Where(u => u.Source == "oidc").OrderBy(u => u.Name).ToListAsync());
        users.Select(user => user.Name).ShouldBe(["alice", "bob"]);
        users[1].IsAdministrator.ShouldBeFalse();
        users[1].Email.ShouldBe(users[0].Email);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    public async Task The_way_back_leads_to_no_other_site(string returnUrl)
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);

        await browser.SignInAsync("bob", returnUrl: returnUrl);

        browser.Visited[^1].AbsolutePath.ShouldBe("/");
        browser.Visited.ShouldAllBe(address => address.Authority == world.Server.Url.Authority);
    }

    [Fact]
    public async Task An_answer_counts_once_and_only_in_the_browser_that_asked()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);
        using var other = new Browsing(world.Server);
        var callback = await browser.CallbackAsync("bob");

        var foreign = await other.GetAsync(callback.PathAndQuery);
        var first = await browser.GetAsync(callback.PathAndQuery);
        var replayed = await browser.GetAsync(callback.PathAndQuery);

        foreign.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await foreign.Content.ReadAsStringAsync()).ShouldContain("openid.state");
        first.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        replayed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        // Anybody can send these: counted for the trail, written once a minute.
        world.Server.Services.GetRequiredService<AnonymousRefusals>().Take().ShouldHaveSingleItem().ShouldBe(("127.0.0.1", "auth.login", 2));
    }

    [Theory]
    [InlineData("?code=forged&state=forged")]
    [InlineData("?code=forged")]
    [InlineData("")]
    [InlineData("?error=server_error&error_description=<script>alert(1)</script>&state=x")]
    public async Task A_forged_answer_is_refused_with_a_page_of_ours(string query)
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;

        var answer = await world.Server.Anonymous.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}/callback{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldContain("openid.state");
        text.ShouldNotContain("Exception");
        text.ShouldNotContain("alert(1)");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_good_state_with_a_code_that_nobody_issued_is_refused()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);
        var callback = await browser.CallbackAsync("bob");
        var state = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(callback.Query)["state"].ToString();

        var answer = await browser.GetAsync($"{callback.AbsolutePath}?code=forged&state={Uri.EscapeDataString(state)}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("openid.code");
        await world.ShouldBeAuditedAsync(e => e.Action == "auth.login" && e.Result == "refused" && e.Detail == "openid.code");
    }

    [Fact]
    public async Task Who_does_not_consent_is_back_with_a_page_that_says_so()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);
        var page = await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}"));

        var (_, answer) = await browser.FollowAsync(new Uri(page.At, page.At.AbsolutePath + "/abort"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("openid.denied");
    }

    [Fact]
    public async Task Signing_out_at_the_provider_ends_the_session_here()
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);
        using var other = new Browsing(world.Server);
        await browser.SignInAsync("bob");
        await other.SignInAsync("bob");
        (await browser.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var page = await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}/sign-out"));
        var (at, _) = await browser.SubmitAsync(page, null, ("logout", "yes"));

        at.AbsolutePath.ShouldBe("/sign-in", provider.Output + "\n" + string.Join('\n', world.Server.Log.Lines.Where(l => l.Contains("back-channel"))));
        await world.ShouldBeAuditedAsync(e => e.Action == "auth.logout" && e.ActorName == "oidc:corp");
        (await browser.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, provider.Output);
        (await other.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_provider_that_is_down_gives_a_page_at_once_and_works_again_when_it_is_back()
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var browser = new Browsing(world.Server);
        await provider.KillAsync();

        var down = await TimedAsync(() => browser.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}"));

        down.Answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        down.Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await down.Answer.Content.ReadAsStringAsync()).ShouldContain("openid.unavailable");
        down.Answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        await provider.StartAgainAsync();
        (await browser.SignInAsync("bob", returnUrl: "/api/v1/auth/me")).Answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_a_provider_hangs_its_page_comes_within_six_seconds_and_local_sign_in_within_one()
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var known = new Browsing(world.Server);
        using var browser = new Browsing(world.Server);
        using var local = new Browsing(world.Server);
        await known.SignInAsync("bob");
        var callback = await browser.CallbackAsync("bob");
        await provider.FreezeAsync();
        try
        {
            var hanging = Enumerable.Range(0, 20).Select(_ => TimedAsync(() => world.Server.Anonymous.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}"))).ToList();
            var finishing = TimedAsync(() => browser.GetAsync(callback.PathAndQuery));

            var signedIn = await TimedAsync(() => LoginAsync(world.Server));
            var me = await TimedAsync(() => known.GetAsync("/api/v1/auth/me"));

            signedIn.Answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            signedIn.Took.ShouldBeLessThan(TimeSpan.FromSeconds(1));
            me.Answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            foreach (var (answer, took) in await Task.WhenAll(hanging.Append(finishing)))
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                took.ShouldBeLessThan(TimeSpan.FromSeconds(6));
            }
        }
        finally
        {
            await provider.ThawAsync();
        }
    }

    [Fact]
    public async Task A_provider_that_is_removed_is_gone_at_once()
    {
        var (world, _) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        using var admin = world.Server.Administrator();
        using var browser = new Browsing(world.Server);
        var callback = await browser.CallbackAsync("bob");

        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/settings/oidc/{OpenIdWorld.ProviderId}") { Headers = { { "If-Match", "*" } } };
        (await admin.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await browser.GetAsync(callback.PathAndQuery)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await world.ReadAsync(db => db.Secrets.AnyAsync(s => s.Name.StartsWith("oidc:")))).ShouldBeFalse();
    }

    private static async Task<HttpResponseMessage> LoginAsync(TestServer server)
    {
        using var client = server.WithToken("none");
        client.DefaultRequestHeaders.Authorization = null;
        return await client.PostAsJsonAsync("/api/v1/auth/login", new { name = "local", password = OpenIdWorld.LocalPassword });
    }

    private static async Task<(HttpResponseMessage Answer, TimeSpan Took)> TimedAsync(Func<Task<HttpResponseMessage>> run)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = await run();
        return (answer, Stopwatch.GetElapsedTime(start));
    }
}
