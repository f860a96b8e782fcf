using System.Net;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.TestKit.OpenId;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.OpenId;

public sealed class OpenIdSettingsTests
{
    private const string Path = "/api/v1/settings/oidc/corp";

    [Fact]
    public async Task A_provider_is_made_changed_and_removed_by_revision_and_its_secret_never_comes_back()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        using var admin = world.Server.Administrator();

        var made = await OpenIdWorld.PutAsync(admin, Path, Body(secret: "s3cret-canary"), "");
        made.StatusCode.ShouldBe(HttpStatusCode.OK);
        var tag = made.Headers.ETag!.Tag;
        (await OpenIdWorld.PutAsync(admin, Path, Body(), "")).StatusCode.ShouldBe((HttpStatusCode)428);
        var changed = await OpenIdWorld.PutAsync(admin, Path, Body(name: "Renamed"), tag);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await OpenIdWorld.PutAsync(admin, Path, Body(), tag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);

        var text = await (await admin.GetAsync(Path)).Content.ReadAsStringAsync() + await (await admin.GetAsync("/api/v1/settings/oidc")).Content.ReadAsStringAsync()
            + await (await admin.GetAsync("/api/v1/audit")).Content.ReadAsStringAsync() + await made.Content.ReadAsStringAsync();
        text.ShouldNotContain("s3cret-canary");
        text.ShouldContain("\"clientSecretSet\":true");
        text.ShouldContain("Renamed");
        text.ShouldContain("/sign-in/openid/corp/callback");
        (await world.ReadAsync(db => db.Audit.CountAsync(e => e.Action == "settings.update" && e.ObjectId == "oidc:corp"))).ShouldBe(2);
        world.Log.ShouldNotContain("s3cret-canary");
    }

    [Fact]
    public async Task An_empty_secret_takes_the_kept_one_away()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        using var admin = world.Server.Administrator();
        await OpenIdWorld.PutAsync(admin, Path, Body(secret: "one"));

        var answer = await OpenIdWorld.PutAsync(admin, Path, Body(secret: ""));

        (await answer.JsonAsync()).GetProperty("clientSecretSet").GetBoolean().ShouldBeFalse();
        (await world.ReadAsync(db => db.Secrets.AnyAsync(s => s.Name == "oidc:corp"))).ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://login.example", "authority")]
    [InlineData("http://169.254.169.254/", "authority")]
    [InlineData("https://user:pass@login.example", "authority")]
    [InlineData("https://login.example/?x=1", "authority")]
    [InlineData("ftp://login.example", "authority")]
    [InlineData("not an address", "authority")]
    [InlineData("http://127.0.0.1:1", "authority")]
    public async Task An_authority_that_must_not_be_asked_is_refused(string authority, string field)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        using var admin = world.Server.Administrator();

        var answer = await OpenIdWorld.PutAsync(admin, Path, Body(authority: authority));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        using var admin = world.Server.Administrator();

        var answer = await OpenIdWorld.PutAsync(admin, "/api/v1/settings/oidc/Not_An_Id", new
        {
            authority = "", clientId = "", prompt = "none", trustedCa = "not pem", displayName = new string('x', 100), administrators = new { claim = "", value = "" },
        });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(field => field.Name)
            .ShouldBe(["id", "authority", "displayName", "clientId", "trustedCa", "prompt", "administrators.claim", "administrators.value"], ignoreOrder: true);
    }

    [Fact]
    public async Task Whoever_may_only_change_settings_cannot_become_anybody_by_a_provider_of_their_own()
    {
        await using var world = await OpenIdWorld.CreateAsync();
        using var keeper = world.Server.WithToken(await KeeperAsync(world));
        (await keeper.GetAsync("/api/v1/settings/oidc")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var provider = await OpenIdWorld.PutAsync(keeper, Path, Body());
        var exchange = await OpenIdWorld.PutAsync(keeper, "/api/v1/settings/oidc-exchange", new { trustedIssuers = Array.Empty<object>() });

        provider.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await provider.CodeAsync()).ShouldBe("access.escalation");
        exchange.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await world.ReadAsync(db => db.Settings.CountAsync())).ShouldBe(0);
        (await world.ReadAsync(db => db.Audit.Where(e => e.Action == "settings.update" && e.Result == "refused").SumAsync(e => e.Count))).ShouldBe(2);
    }

    [Fact]
    public async Task A_test_says_what_it_found_and_whether_the_client_is_known()
    {
        var (world, provider) = await OpenIdWorld.CreateWithProviderAsync();
        await using var owned = world;

        var good = await TestAsync(world);
        await world.ConfigureAsync(provider.Issuer, clientSecret: "wrong");
        var wrong = await TestAsync(world);
        await provider.KillAsync();
        var down = await TestAsync(world);

        good.ShouldContain("\"ok\":true");
        good.ShouldContain("PKCE");
        good.ShouldContain("accepted");
        wrong.ShouldContain("does not accept the client id and secret");
        down.ShouldContain("\"ok\":false");
        down.ShouldContain("refuses the connection");
    }

    [Theory]
    [InlineData("other issuer", "names another issuer")]
    [InlineData("html", "could not be read as JSON")]
    [InlineData("redirect", "status 302")]
    [InlineData("insecure", "insecure_address")]
    [InlineData("huge", "too_large")]
    [InlineData("slow", "(timeout)")]
    public async Task A_test_says_exactly_what_fails_and_never_repeats_an_answer(string how, string expected)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await using var issuer = await CrookedIssuer.StartAsync();
        await world.ConfigureAsync(issuer.Url);
        issuer.Discovery = context => DiscoverAsync(context, how, issuer.Url);

        var text = await TestAsync(world);

        text.ShouldContain("\"ok\":false");
        text.ShouldContain(expected);
        text.ShouldNotContain("canary");
    }

    [Theory]
    [InlineData("*", "conditions[0].value")]
    [InlineData("", "conditions[0].value")]
    public async Task A_rule_that_everybody_matches_is_refused(string value, string field)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await world.ServiceAccountAsync("deployer");
        using var admin = world.Server.Administrator();

        var answer = await OpenIdWorld.PutAsync(admin, "/api/v1/settings/oidc-exchange", Exchange(value, "deployer", 600));

        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty($"trustedIssuers[0].rules[0].{field}", out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("admin", 600, "serviceAccount")]
    [InlineData("nobody", 600, "serviceAccount")]
    [InlineData("deployer", 3601, "lifetimeSeconds")]
    [InlineData("deployer", 10, "lifetimeSeconds")]
    public async Task A_rule_is_for_a_service_account_and_at_most_an_hour(string account, int lifetime, string field)
    {
        await using var world = await OpenIdWorld.CreateAsync();
        await world.ServiceAccountAsync("deployer");
        using var admin = world.Server.Administrator();

        var answer = await OpenIdWorld.PutAsync(admin, "/api/v1/settings/oidc-exchange", Exchange("repo:org/*", account, lifetime));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty($"trustedIssuers[0].rules[0].{field}", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task The_settings_are_there_after_a_restart()
    {
        var database = await TestKit.Databases.TestDatabase.CreateEmptyAsync(TestKit.Databases.DatabaseKind.Sqlite);
        var first = await TestServer.StartAsync(database: database);
        using (var admin = first.Administrator())
        {
            await OpenIdWorld.PutAsync(admin, Path, Body(secret: "one"));
        }

        var token = first.First!.Token;
        await first.StopAsync();
        await using var second = await TestServer.StartAsync(database: database);
        using var again = second.WithToken(token);

        var view = await (await again.GetAsync(Path)).JsonAsync();

        view.GetProperty("clientSecretSet").GetBoolean().ShouldBeTrue();
        view.GetProperty("revision").GetInt64().ShouldBe(1);
    }

    private static async Task<string> TestAsync(OpenIdWorld world)
    {
        using var admin = world.Server.Administrator();
        var answer = await admin.PostAsync(Path + "/test", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task DiscoverAsync(HttpContext context, string how, string url)
    {
        switch (how)
        {
            case "other issuer":
                await context.Response.WriteAsJsonAsync(new { issuer = "https://canary.example", jwks_uri = url + "/jwks" });
                break;
            case "html":
                await context.Response.WriteAsync("<html>canary</html>");
                break;
            case "redirect":
                context.Response.Redirect("http://169.254.169.254/canary");
                break;
            case "insecure":
                await context.Response.WriteAsJsonAsync(new { issuer = url, jwks_uri = "http://canary.example/jwks" });
                break;
            case "huge":
                await context.Response.WriteAsync(new string(' ', 3 * 1024 * 1024));
                break;
            default:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
        }
    }

    private static async Task<string> KeeperAsync(OpenIdWorld world)
    {
        await using var db = world.Server.Database.CreateDbContext();
        var user = world.Server.Services.GetRequiredService<LocalAccounts>().NewUser("keeper", "some password", isAdministrator: false);
        db.Users.Add(user);
        db.Roles.Add(new RoleEntity { Id = "keeper", Name = "Keeper", FoldedName = "keeper", PermissionsJson = """["settings.read","settings.update"]""" });
        db.Grants.Add(new GrantEntity { Id = "g", SubjectKind = "user", SubjectId = user.Id, RoleId = "keeper", Collection = "/", CreatedBy = "test" });
        var token = world.Server.Services.GetRequiredService<ApiTokens>().Add(db, user.Id, "test", 1);
        await world.Server.Services.GetRequiredService<AccessStore>().SaveAsync(db, CancellationToken.None);
        return token.Token;
    }

    private static object Body(string authority = "https://login.example", string name = "Corp", string? secret = null) =>
        secret is null
            ? new { displayName = name, authority, clientId = TestProvider.ClientId }
            : new { displayName = name, authority, clientId = TestProvider.ClientId, clientSecret = secret };

    private static object Exchange(string value, string account, int lifetime) => new
    {
        trustedIssuers = new[]
        {
            new
            {
                issuer = "https://token.example", audience = "controlplane",
                rules = new[] { new { conditions = new[] { new { claim = "sub", value } }, serviceAccount = account, lifetimeSeconds = lifetime } },
            },
        },
    };
}
