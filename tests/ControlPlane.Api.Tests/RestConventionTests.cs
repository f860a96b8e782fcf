using System.Net;
using System.Net.Http.Json;
using System.Text;
using ControlPlane.Core.Data;
using ControlPlane.TestKit.Databases;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Tests;

public sealed class RestConventionTests
{
    public static readonly TheoryData<string, string> BadBodies = new()
    {
        { """{"name":"x","naem":1}""", "naem" },
        { """{"name":"a","name":"b"}""", "name" },
        { """{"Name":"a"}""", "Name" },
        { """{"name":5}""", "name" },
        { """{}""", "name" },
        { """{"name":null}""", "name" },
        { """{"name":""}""", "name" },
        { """{"name":"a"} x""", "$" },
        { """{"name":"a",}""", "$" },
        { """{"name":"a" /* c */}""", "$" },
        { "", "$" },
        { "null", "$" },
        { "[]", "$" },
        { "5", "$" },
        { """{"name":"a","expiresInDays":1.5}""", "expiresInDays" },
        { """{"name":"a","expiresInDays":"1"}""", "expiresInDays" },
        { """{"name":"a","expiresInDays":0}""", "expiresInDays" },
        { """{"name":"a","expiresInDays":99999999999}""", "expiresInDays" },
    };

    [Fact]
    public async Task Bad_bodies_are_400_and_name_the_field()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        foreach (var (body, field) in BadBodies.Select(row => row.Data))
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            var answer = await admin.PostAsync("/api/v1/tokens", content);

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
            (await answer.CodeAsync()).ShouldBe("request.invalid");
            (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue($"{body} → {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task Deep_and_large_and_foreign_bodies_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        using var deep = new StringContent("""{"name":""" + new string('[', 5000), Encoding.UTF8, "application/json");
        using var large = new StringContent($$"""{"name":"{{new string('a', 3_000_000)}}"}""", Encoding.UTF8, "application/json");
        using var form = new StringContent("name=a", Encoding.UTF8, "application/x-www-form-urlencoded");

        (await admin.PostAsync("/api/v1/tokens", deep)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.PostAsync("/api/v1/tokens", large)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await admin.PostAsync("/api/v1/tokens", form)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=%25", "cursor")]
    [InlineData("cursor=abcd", "cursor")]
    [InlineData("from=yesterday", "from")]
    [InlineData("colour=red", "colour")]
    public async Task Bad_queries_are_400_and_name_the_parameter(string query, string field)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();

        var answer = await admin.GetAsync("/api/v1/audit?" + query);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task Pages_join_without_gap_or_repetition(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);
        using var admin = server.Administrator();
        for (var n = 0; n < 7; n++)
        {
            await admin.PostAsJsonAsync("/api/v1/tokens", new { name = $"t{n}" });
        }

        var seen = new List<string>();
        var next = "/api/v1/audit?limit=2&action=tokens.create";
        while (next is not null)
        {
            var answer = await admin.GetAsync(next);
            var page = await answer.JsonAsync();
            page.GetProperty("total").GetInt32().ShouldBe(8);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            next = answer.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        seen.Count.ShouldBe(8);
        seen.Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_problems()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();

        (await (await admin.GetAsync("/api/v1/nothing")).CodeAsync()).ShouldBe("route.not_found");
        var method = await admin.PatchAsync("/api/v1/tokens", null);
        method.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await method.CodeAsync()).ShouldBe("route.method");
        method.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task A_key_makes_a_post_happen_once(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);
        using var admin = server.Administrator();

        var first = await PostAsync(admin, "k", "a");
        var again = await PostAsync(admin, "k", "a");
        var other = await PostAsync(admin, "k", "b");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.Headers.GetValues("Idempotency-Replayed").Single().ShouldBe("true");
        again.Headers.Location.ShouldBe(first.Headers.Location);
        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await using var db = server.Database.CreateDbContext();
        (await db.ApiTokens.CountAsync(token => token.Name == "a")).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task Parallel_posts_with_one_key_happen_once(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);
        using var admin = server.Administrator();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(admin, "same", "a")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created || answer.StatusCode == HttpStatusCode.Conflict);
        await using var db = server.Database.CreateDbContext();
        (await db.ApiTokens.CountAsync(token => token.Name == "a")).ShouldBe(1);
    }

    [Fact]
    public async Task Keys_survive_a_restart_and_those_of_a_crash_are_released()
    {
        var server = await TestServer.StartAsync();
        var token = server.First!.Token;
        string userId;
        using (var admin = server.Administrator())
        {
            await PostAsync(admin, "done", "a");
            userId = (await (await admin.GetAsync("/api/v1/auth/me")).JsonAsync()).GetProperty("id").GetString()!;
        }

        await using (var db = server.Database.CreateDbContext())
        {
            db.IdempotencyKeys.Add(new IdempotencyEntity { Principal = userId, Key = "crashed", RequestHash = "?", CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime });
            await db.SaveChangesAsync();
        }

        await server.StopAsync();
        await using var next = await TestServer.StartAsync(database: server.Database);
        next.First.ShouldBeNull();
        using var client = next.WithToken(token);

        (await PostAsync(client, "done", "a")).Headers.Contains("Idempotency-Replayed").ShouldBeTrue();
        (await PostAsync(client, "crashed", "b")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Bugs_answer_500_with_the_request_id_and_nothing_of_the_inside()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapGet("/api/v1/bug", string () => throw new InvalidOperationException("inner secret")).Open("test");
            app.MapGet("/api/v1/database", string () => throw new DbUpdateException("inner secret")).Open("test");
            app.MapGet("/api/v1/typed/{id:int}", (int id, int wanted) => id + wanted).Open("test");
        });

        var bug = await server.Anonymous.GetAsync("/api/v1/bug");
        bug.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await bug.CodeAsync()).ShouldBe("internal");
        (await bug.Content.ReadAsStringAsync()).ShouldNotContain("inner secret");
        bug.Headers.CacheControl!.NoStore.ShouldBeTrue();

        var database = await server.Anonymous.GetAsync("/api/v1/database");
        database.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        database.Headers.RetryAfter.ShouldNotBeNull();

        (await server.Anonymous.GetAsync("/api/v1/typed/1?wanted=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_endpoint_without_a_rule_is_refused()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGet("/api/v1/forgotten", () => "secret"));
        using var admin = server.Administrator();

        (await (await admin.GetAsync("/api/v1/forgotten")).CodeAsync()).ShouldBe("access.undeclared");
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name }) };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }
}
