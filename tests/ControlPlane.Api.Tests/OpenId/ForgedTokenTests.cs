using System.Net;
using System.Text.Json.Nodes;
using ControlPlane.TestKit.OpenId;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Tests.OpenId;

/// <summary>Answers of a provider that must not sign anybody in.</summary>
public sealed class ForgedTokenTests
{
    [Theory]
    [InlineData("nothing", "RS256", true)]
    [InlineData("aud", "RS256", false)]
    [InlineData("iss", "RS256", false)]
    [InlineData("expired", "RS256", false)]
    [InlineData("future", "RS256", false)]
    [InlineData("nonce", "RS256", false)]
    [InlineData("no nonce", "RS256", false)]
    [InlineData("no sub", "RS256", false)]
    [InlineData("nothing", "none", false)]
    [InlineData("nothing", "HS256", false)]
    [InlineData("nothing", "foreign", false)]
    [InlineData("nothing", "jwk", false)]
    [InlineData("nothing", "broken", false)]
    public async Task An_id_token_signs_somebody_in_only_when_all_of_it_holds(string change, string signature, bool good)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url, clientSecret: CrookedIssuer.ClientSecret, userInfo: false);
        issuer.Signature = signature;
        issuer.Claims = claims => Change(claims, change);
        using var browser = new Browsing(world.Server);

        var (at, answer) = await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}?returnUrl=/api/v1/auth/me"));

        if (good)
        {
            at.AbsolutePath.ShouldBe("/api/v1/auth/me");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            return;
        }

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldMatch("openid\\.(token|nonce|code)");
        browser.CookieNames.ShouldNotContain("__Host-controlplane");
        (await world.ReadAsync(db => db.Users.AnyAsync(u => u.Source == "oidc"))).ShouldBeFalse();
        (await world.ReadAsync(db => db.Audit.CountAsync(e => e.Action == "auth.login" && e.Result == "refused"))).ShouldBe(1);
        world.Log.ShouldNotContain("eyJ");
    }

    [Fact]
    public async Task What_userinfo_says_about_somebody_else_does_not_count()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url, clientSecret: CrookedIssuer.ClientSecret);
        issuer.UserInfoSubject = "somebody-else";
        using var browser = new Browsing(world.Server);

        var (_, answer) = await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_answer_for_one_provider_is_nothing_at_another()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await using var other = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url, clientSecret: CrookedIssuer.ClientSecret);
        await world.ConfigureAsync(other.Url, id: "other", clientSecret: CrookedIssuer.ClientSecret);
        using var browser = new Browsing(world.Server);
        var (callback, _) = await browser.FollowAsync(
            new Uri(world.Server.Url, "/sign-in/openid/other"), address => address.AbsolutePath.EndsWith("/callback", StringComparison.Ordinal));

        var answer = await browser.GetAsync($"/sign-in/openid/{OpenIdWorld.ProviderId}/callback{callback.Query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("openid.state");
    }

    [Fact]
    public async Task A_group_of_one_provider_is_not_the_same_group_at_another()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url, id: "other", clientSecret: CrookedIssuer.ClientSecret);
        using var browser = new Browsing(world.Server);

        var (_, answer) = await browser.FollowAsync(new Uri(world.Server.Url, "/sign-in/openid/other"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("good", null, HttpStatusCode.OK)]
    [InlineData("good", "replay", HttpStatusCode.BadRequest)]
    [InlineData("good", "foreign", HttpStatusCode.BadRequest)]
    [InlineData("good", "none", HttpStatusCode.BadRequest)]
    [InlineData("good", "HS256", HttpStatusCode.BadRequest)]
    [InlineData("aud", null, HttpStatusCode.BadRequest)]
    [InlineData("iss", null, HttpStatusCode.BadRequest)]
    [InlineData("no events", null, HttpStatusCode.BadRequest)]
    [InlineData("with nonce", null, HttpStatusCode.BadRequest)]
    [InlineData("nobody", null, HttpStatusCode.BadRequest)]
    [InlineData("old", null, HttpStatusCode.BadRequest)]
    [InlineData("no jti", null, HttpStatusCode.BadRequest)]
    public async Task A_logout_token_ends_sessions_only_when_all_of_it_holds(string change, string? signature, HttpStatusCode expected)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url, clientSecret: CrookedIssuer.ClientSecret);
        using var browser = new Browsing(world.Server);
        await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}"));
        var token = issuer.Sign(LogoutClaims(issuer, change), signature == "replay" ? null : signature, "logout+jwt");
        var path = $"/sign-in/openid/{OpenIdWorld.ProviderId}/back-channel-logout";
        using var caller = new Browsing(world.Server);
        if (signature == "replay")
        {
            (await caller.PostAsync(path, ("logout_token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);
            await browser.FollowAsync(new Uri(world.Server.Url, $"/sign-in/openid/{OpenIdWorld.ProviderId}"));
        }

        var answer = await caller.PostAsync(path, ("logout_token", token));

        answer.StatusCode.ShouldBe(expected);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await browser.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(expected == HttpStatusCode.OK ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
    }

    private static JsonObject LogoutClaims(CrookedIssuer issuer, string change)
    {
        var claims = issuer.Good(TestProvider.ClientId);
        claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() };
        switch (change)
        {
            case "no events":
                claims.Remove("events");
                break;
            case "with nonce":
                claims["nonce"] = "n";
                break;
            case "nobody":
                claims.Remove("sub");
                break;
            case "no jti":
                claims.Remove("jti");
                break;
            case "old":
                claims["iat"] = claims["iat"]!.GetValue<long>() - 3600;
                break;
            default:
                Change(claims, change);
                break;
        }

        return claims;
    }

    private static void Change(JsonObject claims, string change)
    {
        var now = claims["iat"]!.GetValue<long>();
        switch (change)
        {
            case "aud":
                claims["aud"] = "another-client";
                break;
            case "iss":
                claims["iss"] = "https://evil.example";
                break;
            case "expired":
                (claims["iat"], claims["exp"]) = (now - 600, now - 120);
                break;
            case "future":
                claims["nbf"] = now + 600;
                break;
            case "nonce":
                claims["nonce"] = "another";
                break;
            case "no nonce":
                claims.Remove("nonce");
                break;
            case "no sub":
                claims.Remove("sub");
                break;
        }
    }
}
