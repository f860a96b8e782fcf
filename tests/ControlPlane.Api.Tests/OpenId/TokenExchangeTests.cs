using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.TestKit.OpenId;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.OpenId;

public sealed class TokenExchangeTests
{
    private const string Audience = "https://controlplane.test";
    private const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange";
    private const string Jwt = "urn:ietf:params:oauth:token-type:jwt";

    [Fact]
    public async Task The_token_of_a_build_at_a_real_provider_is_exchanged_for_a_short_lived_one()
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;
        var account = await world.ServiceAccountAsync("deployer", "view-only");
        await TrustAsync(world, provider.Issuer, "repository", "shop/*");
        using var http = new HttpClient();
        var minted = await http.PostAsync(provider.Issuer + "/token", Form(
            ("grant_type", "client_credentials"), ("client_id", "build-42"), ("client_secret", TestProvider.BuildSecret), ("scope", "build"), ("resource", Audience)));
        var subject = (await minted.JsonAsync()).GetProperty("access_token").GetString()!;

        var answer = await ExchangeAsync(world, subject);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var body = await answer.JsonAsync();
        body.GetProperty("token_type").GetString().ShouldBe("Bearer");
        body.GetProperty("issued_token_type").GetString().ShouldBe("urn:ietf:params:oauth:token-type:access_token");
        body.GetProperty("expires_in").GetInt32().ShouldBeInRange(590, 600);
        using var build = world.Server.WithToken(body.GetProperty("access_token").GetString()!);
        (await (await build.GetAsync("/api/v1/auth/me")).JsonAsync()).GetProperty("name").GetString().ShouldBe("deployer");
        var row = await world.ReadAsync(db => db.ApiTokens.SingleAsync(t => t.UserId == account));
        row.Kind.ShouldBe("exchange");
        row.Collection.ShouldBe("/Shared");
        (await world.ReadAsync(db => db.Audit.SingleAsync(e => e.Action == "auth.token_exchange"))).Detail!.ShouldContain("build-42");
        world.Log.ShouldNotContain(subject);
    }

    [Theory]
    [InlineData("nothing", null, true)]
    [InlineData("nothing", "none", false)]
    [InlineData("nothing", "HS256", false)]
    [InlineData("nothing", "foreign", false)]
    [InlineData("nothing", "jwk", false)]
    [InlineData("nothing", "broken", false)]
    [InlineData("aud", null, false)]
    [InlineData("aud list", null, true)]
    [InlineData("iss", null, false)]
    [InlineData("expired", null, false)]
    [InlineData("just expired", null, true)]
    [InlineData("no exp", null, false)]
    [InlineData("for years", null, false)]
    [InlineData("future", null, false)]
    [InlineData("other branch", null, false)]
    [InlineData("other repository", null, false)]
    [InlineData("prefix only", null, false)]
    public async Task A_subject_token_is_exchanged_only_when_all_of_it_holds(string change, string? signature, bool good)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ServiceAccountAsync("deployer");
        await TrustAsync(world, issuer.Url, "sub", "repo:org/*:ref:refs/heads/main");

        var answer = await ExchangeAsync(world, issuer.Sign(Claims(issuer, change), signature));

        answer.StatusCode.ShouldBe(good ? HttpStatusCode.OK : HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync());
        if (!good)
        {
            (await answer.JsonAsync()).GetProperty("error").GetString().ShouldBe("invalid_request");
            (await world.ReadAsync(db => db.ApiTokens.CountAsync(t => t.Kind == "exchange"))).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_subject_token_counts_once_also_when_it_comes_many_times_at_one_moment()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ServiceAccountAsync("deployer");
        await TrustAsync(world, issuer.Url, "sub", "repo:org/*:ref:refs/heads/main");
        var token = issuer.Sign(Claims(issuer, "nothing"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ExchangeAsync(world, token)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        (await world.ReadAsync(db => db.ApiTokens.CountAsync(t => t.Kind == "exchange"))).ShouldBe(1);
        (await world.ReadAsync(db => db.Audit.Where(e => e.Action == "auth.token_exchange" && e.Result == "refused").SumAsync(e => e.Count))).ShouldBe(7);
    }

    [Fact]
    public async Task Whom_nobody_trusts_is_not_even_asked()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await using var trusted = await CrookedIssuer.StartAsync();
        await world.ServiceAccountAsync("deployer");
        await TrustAsync(world, trusted.Url, "sub", "repo:org/*:ref:refs/heads/main");

        (await ExchangeAsync(world, issuer.Sign(Claims(issuer, "nothing")))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        issuer.DiscoveryRequests.ShouldBe(0);
        world.Server.Services.GetRequiredService<AnonymousRefusals>().Take().ShouldContain(("127.0.0.1", "auth.token_exchange", 1));
    }

    [Fact]
    public async Task Unknown_key_ids_make_us_ask_the_issuer_rarely()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ServiceAccountAsync("deployer");
        await TrustAsync(world, issuer.Url, "sub", "repo:org/*:ref:refs/heads/main");
        (await ExchangeAsync(world, issuer.Sign(Claims(issuer, "nothing")))).StatusCode.ShouldBe(HttpStatusCode.OK);

        for (var attempt = 0; attempt < 10; attempt++)
        {
            issuer.KeyId = $"unknown{attempt}";
            var token = issuer.Sign(Claims(issuer, "nothing"), "foreign");
            issuer.KeyId = "k1";
            (await ExchangeAsync(world, token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        issuer.DiscoveryRequests.ShouldBe(1);
    }

    [Fact]
    public async Task A_service_account_that_is_disabled_gets_nothing()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        var id = await world.ServiceAccountAsync("deployer");
        await TrustAsync(world, issuer.Url, "sub", "repo:org/*:ref:refs/heads/main");
        await world.ReadAsync(async db =>
        {
            (await db.Users.SingleAsync(u => u.Id == id)).DisabledAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            return await db.SaveChangesAsync();
        });

        (await ExchangeAsync(world, issuer.Sign(Claims(issuer, "nothing")))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("grant_type", null, "invalid_request")]
    [InlineData("subject_token", null, "invalid_request")]
    [InlineData("subject_token", "a.b", "invalid_request")]
    [InlineData("subject_token", "a.b.c.d.e", "invalid_request")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request")]
    [InlineData("actor_token", "x", "invalid_request")]
    [InlineData("audience", "x", "invalid_target")]
    [InlineData("scope", "everything", "invalid_scope")]
    public async Task A_request_that_is_not_one_is_refused_in_the_words_of_oauth(string field, string? value, string error)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        var fields = new Dictionary<string, string> { ["grant_type"] = Grant, ["subject_token"] = "x", ["subject_token_type"] = Jwt };
        if (value is null)
        {
            fields.Remove(field);
        }
        else
        {
            fields[field] = value;
        }

        var answer = await world.Server.Anonymous.PostAsync("/api/v1/token/exchange", new FormUrlEncodedContent(fields));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("error").GetString().ShouldBe(error);
    }

    [Fact]
    public async Task Json_a_large_body_and_doubled_parameters_are_refused()
    {
        await using var world = await OpenIdWorld.CreateAsync();

        (await world.Server.Anonymous.PostAsJsonAsync("/api/v1/token/exchange", new { grant_type = Grant })).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await ExchangeAsync(world, new string('x', 100_000))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var twice = Form(("grant_type", Grant), ("subject_token", "a.b.c"), ("subject_token", "d.e.f"), ("subject_token_type", Jwt));
        (await world.Server.Anonymous.PostAsync("/api/v1/token/exchange", twice)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static JsonObject Claims(CrookedIssuer issuer, string change)
    {
        var claims = issuer.Good(Audience, "repo:org/shop:ref:refs/heads/main");
        var now = claims["iat"]!.GetValue<long>();
        switch (change)
        {
            case "aud":
                claims["aud"] = Audience + "/";
                break;
            case "aud list":
                claims["aud"] = new JsonArray("another", Audience);
                break;
            case "iss":
                claims["iss"] = issuer.Url + "/";
                break;
            case "expired":
                (claims["iat"], claims["exp"]) = (now - 600, now - 120);
                break;
            case "just expired":
                (claims["iat"], claims["exp"]) = (now - 300, now - 20);
                break;
            case "no exp":
                claims.Remove("exp");
                break;
            case "for years":
                claims["exp"] = now + (365 * 86400);
                break;
            case "future":
                claims["nbf"] = now + 600;
                break;
            case "other branch":
                claims["sub"] = "repo:org/shop:ref:refs/heads/feature";
                break;
            case "other repository":
                claims["sub"] = "repo:evil/shop:ref:refs/heads/main";
                break;
            case "prefix only":
                claims["sub"] = "repo:org/shop:ref:refs/heads/main-but-not";
                break;
        }

        return claims;
    }

    private static async Task TrustAsync(OpenIdWorld world, string issuer, string claim, string pattern)
    {
        using var admin = world.Server.Administrator();
        var answer = await OpenIdWorld.PutAsync(admin, "/api/v1/settings/oidc-exchange", new
        {
            trustedIssuers = new[]
            {
                new
                {
                    issuer, audience = Audience, allowInsecure = true,
                    rules = new[]
                    {
                        new
                        {
                            conditions = new[] { new { claim, value = pattern } }, serviceAccount = "deployer",
                            permissions = new[] { "containers.read" }, collection = "/Shared", lifetimeSeconds = 600,
                        },
                    },
                },
            },
        });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> ExchangeAsync(OpenIdWorld world, string token) => world.Server.Anonymous.PostAsync(
        "/api/v1/token/exchange", Form(("grant_type", Grant), ("subject_token", token), ("subject_token_type", Jwt)));

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
