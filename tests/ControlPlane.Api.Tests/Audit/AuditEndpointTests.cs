using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Audit;

public sealed class AuditEndpointTests
{
    private const string Canary = "c4n4ryhunter2";
    private const string Hostile = "=x<script>alert(1)</script>\r\n\u001b[2J";

    [Theory, DatabaseData]
    public async Task Entries_are_found_by_filters_and_paged_by_cursor(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);
        using var admin = server.Administrator();
        for (var i = 0; i < 5; i++)
        {
            await WriteAsync(server, $"c{i}", $"web-{i}");
        }

        var first = await (await admin.GetAsync("/api/v1/audit?action=containers.*&object=web-1&object=c3&objectKind=container&result=ok&actor=admin&limit=1")).JsonAsync();

        first.GetProperty("total").GetInt64().ShouldBe(2);
        first.GetProperty("items")[0].GetProperty("objectId").GetString().ShouldBe("c3");
        first.GetProperty("items")[0].GetProperty("after").GetProperty("size").GetInt32().ShouldBe(3);
        var cursor = first.GetProperty("nextCursor").GetString()!;
        var second = await (await admin.GetAsync($"/api/v1/audit?action=containers.*&object=web-1&object=c3&limit=1&cursor={cursor}")).JsonAsync();
        second.GetProperty("items")[0].GetProperty("objectId").GetString().ShouldBe("c1");
        (await (await admin.GetAsync("/api/v1/audit?q=WEB-4")).JsonAsync()).GetProperty("total").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData("?result=maybe", "result")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=1&to=2", "to")]
    [InlineData("?cursor=eA", "cursor")]
    [InlineData("?sort=at", "sort")]
    [InlineData("/export", "format")]
    [InlineData("/export?format=xml", "format")]
    [InlineData("/export?format=csv&limit=5", "limit")]
    [InlineData("/verify?expect=abc", "expect")]
    public async Task Wrong_questions_name_their_field(string question, string field)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();

        var answer = await admin.GetAsync("/api/v1/audit" + question);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task The_trail_is_exported_verified_and_told_on_the_machine_itself(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);
        using var admin = server.Administrator();
        await WriteAsync(server, "c1", Hostile);

        var csv = await admin.GetAsync("/api/v1/audit/export?format=csv&action=containers.*");

        csv.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8; header=present");
        csv.Content.Headers.ContentDisposition!.FileName!.ShouldStartWith("audit-");
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n");
        lines[0].ShouldStartWith("time,actorKind");
        lines[1].ShouldContain("'=x<script>alert(1)</script>\\u000d\\u000a\\u001b[2J");
        var jsonl = await admin.GetStringAsync("/api/v1/audit/export?format=jsonl");
        jsonl.ShouldContain("\"audit.export\"");

        // The duty seals within a second.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        System.Text.Json.JsonElement verified;
        do
        {
            verified = await (await admin.GetAsync("/api/v1/audit/verify", deadline.Token)).JsonAsync();
        }
        while (verified.GetProperty("unsealed").GetInt64() > 0);

        verified.GetProperty("intact").GetBoolean().ShouldBeTrue(verified.ToString());
        var hash = verified.GetProperty("headHash").GetString()!;
        (await (await admin.GetAsync($"/api/v1/audit/verify?expect={hash}")).JsonAsync()).GetProperty("expectedSeal").GetInt64().ShouldBeGreaterThan(0);

        string[] where = ["--data", server.Database.DataDirectory, "--database", server.Database.Connection];
        (await CommandAsync(["verify", "--expect", hash, .. where])).ShouldSatisfyAllConditions(c => c.Exit.ShouldBe(0), c => c.Text.ShouldContain("intact: "));
        (await CommandAsync(["verify", "--expect", new string('a', 64), .. where])).Exit.ShouldBe(1);
        (await CommandAsync(["verify", "--expect", "x", .. where])).Exit.ShouldBe(2);
        (await CommandAsync(["forget", .. where])).Exit.ShouldBe(2);
        var file = Path.Combine(server.Database.DataDirectory, "out.jsonl");
        (await CommandAsync(["export", "--out", file, .. where])).Exit.ShouldBe(0);
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(file)).ShouldContain("\"sealNumber\"");
        await Should.ThrowAsync<IOException>(() => CommandAsync(["export", "--out", file, .. where]));
        await using (var db = server.Database.CreateDbContext())
        {
            await db.Audit.Where(e => e.Seal == 1).ExecuteUpdateAsync(e => e.SetProperty(x => x.ActorName, "somebody else"));
        }

        (await CommandAsync(["verify", .. where])).ShouldSatisfyAllConditions(c => c.Exit.ShouldBe(1), c => c.Text.ShouldContain("broken at seal 1"));
        (await (await admin.GetAsync("/api/v1/audit/verify")).JsonAsync()).GetProperty("brokenSeal").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Planted_secrets_are_in_no_entry_export_or_log()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        await admin.PostAsJsonAsync("/api/v1/auth/login", new { name = "admin", password = Canary });
        var body = new
        {
            name = "web", image = "nginx", env = new Dictionary<string, string> { ["MODE"] = Canary, ["DB_PASSWORD"] = Canary },
            command = new[] { "run", "--token", Canary, $"--db=postgres://app:{Canary}@db/x", $"secret={Canary}" },
            labels = new Dictionary<string, string> { ["app.password"] = Canary },
        };

        (await admin.PostAsJsonAsync("/api/v1/containers", body)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var made = await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "ci" })).JsonAsync();
        var token = made.GetProperty("token").GetString()!;
        var joined = await (await admin.PostAsJsonAsync("/api/v1/join-tokens", new { name = "n" })).Content.ReadAsStringAsync();
        var join = System.Text.RegularExpressions.Regex.Match(joined, "cpj_[0-9a-z]+_(?<secret>[0-9a-z]{40})", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["secret"].Value;
        join.Length.ShouldBe(40);
        await server.Services.GetRequiredService<RefusalWriter>().FlushAsync(all: true, default);

        var list = await admin.GetStringAsync("/api/v1/audit?limit=500");
        var created = (await (await admin.GetAsync("/api/v1/audit?action=containers.create")).JsonAsync()).GetProperty("items")[0];
        created.GetProperty("parameters").GetProperty("image").GetString().ShouldBe("nginx");
        created.GetProperty("parameters").GetProperty("env").GetProperty("MODE").GetString().ShouldBe("***");
        list.ShouldContain("auth.login");
        string[] places = [list, await admin.GetStringAsync("/api/v1/audit/export?format=csv"), await admin.GetStringAsync("/api/v1/audit/export?format=jsonl"), string.Join('\n', server.Log.Lines)];
        foreach (var secret in new[] { Canary, token.Split('_')[2], join, server.First!.Password })
        {
            places.ShouldAllBe(place => !place.Contains(secret, StringComparison.Ordinal), secret[..4]);
        }
    }

    [Fact]
    public async Task Retention_is_read_and_replaced_by_its_etag()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var before = await admin.GetAsync("/api/v1/settings/audit");
        (await before.JsonAsync()).GetProperty("days").GetInt32().ShouldBe(365);

        (await PutAsync(admin, """{"days":90}""", null)).StatusCode.ShouldBe(HttpStatusCode.PreconditionRequired);
        var changed = await PutAsync(admin, """{"days":90}""", before.Headers.ETag);

        changed.Headers.ETag!.Tag.ShouldBe("\"1\"");
        (await PutAsync(admin, """{"days":91}""", before.Headers.ETag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await PutAsync(admin, """{"days":1}""", EntityTagHeaderValue.Any)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(admin, """{"forever":true}""", EntityTagHeaderValue.Any)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_page_shows_hostile_names_inert_what_changed_and_the_chain()
    {
        await using var server = await TestServer.StartAsync();
        await WriteAsync(server, "c1", Hostile);
        using var browser = await server.BrowserAsync();

        var page = await browser.GetStringAsync("/access/audit?action=containers.%2A&q=X%3CSCRIPT");

        page.ShouldContain("=x&lt;script&gt;alert(1)&lt;/script&gt;\\u000d\\u000a\\u001b[2J");
        page.ShouldNotContain("<script>alert");
        page.ShouldNotContain('\u001b');
        page.ShouldContain("<td class=\"mono is-before\">1</td><td class=\"mono is-after\">3</td>");
        Uri.UnescapeDataString(WebUtility.HtmlDecode(page)).ShouldContain("href=\"/api/v1/audit/export?action=containers.*&q=X<SCRIPT&format=csv\"");
        (await browser.GetStringAsync("/access/audit?object=nothing")).ShouldContain("No entries match these filters");
        (await browser.GetStringAsync("/access/audit?from=never")).ShouldContain("must be one time");
        (await browser.GetStringAsync("/access/audit?handler=Verify")).ShouldContain("data-intact=\"true\"");
        using var fragment = new HttpRequestMessage(HttpMethod.Get, "/access/audit?handler=Verify") { Headers = { { "HX-Request", "true" } } };
        var answer = await (await browser.SendAsync(fragment)).Content.ReadAsStringAsync();
        answer.ShouldContain("data-intact=\"true\"");
        answer.ShouldNotContain("<html");
    }

    [Fact]
    public async Task The_page_goes_through_a_thousand_entries_by_its_link()
    {
        await using var server = await TestServer.StartAsync();
        await using (var db = server.Database.CreateDbContext())
        {
            for (var i = 0; i < 1000; i++)
            {
                server.Services.GetRequiredService<AuditTrail>().Add(db, Caller.System("test"), "containers.stop", new AuditObject("container", $"c{i}"));
            }

            await db.SaveChangesAsync();
        }

        using var browser = await server.BrowserAsync();
        var next = "/access/audit?action=containers.stop";
        var (pages, rows) = (0, 0);
        while (next is not null)
        {
            var page = await browser.GetStringAsync(next);
            rows += page.Split("<tr id=\"a-").Length - 1;
            pages++;
            var link = System.Text.RegularExpressions.Regex.Match(page, "href=\"(?<next>/access/audit\\?[^\"]*cursor=[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
            next = link.Success ? WebUtility.HtmlDecode(link.Groups["next"].Value) : null;
        }

        (pages, rows).ShouldBe((10, 1000));
    }

    [Fact]
    public async Task The_page_of_somebody_without_the_right_says_so_and_shows_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await using (var db = server.Database.CreateDbContext())
        {
            db.Users.Add(server.Services.GetRequiredService<LocalAccounts>().NewUser("other", "some long password", isAdministrator: false));
            await db.SaveChangesAsync();
        }

        using var browser = await server.BrowserAsync();
        browser.DefaultRequestHeaders.Add("X-Requested-With", "test");
        (await browser.PostAsJsonAsync("/api/v1/auth/login", new { name = "other", password = "some long password" })).EnsureSuccessStatusCode();

        var page = await browser.GetStringAsync("/access/audit");

        page.ShouldContain("Not allowed");
        page.ShouldNotContain("<tr id=\"a-");
    }

    private static async Task WriteAsync(TestServer server, string id, string name)
    {
        var admin = new Caller { Kind = CallerKind.Session, Id = "u1", Name = "admin", IsAdministrator = true, RequestId = "r1", RemoteAddress = "10.0.0.1" };
        await server.Services.GetRequiredService<AuditTrail>().RecordAsync(
            admin, "containers.update", new AuditObject("container", id, name), AuditTrail.Ok, null,
            AuditDetails.Changed(new { size = 1, same = true }, new { size = 3, same = true }), CancellationToken.None);
    }

    private static async Task<(int Exit, string Text)> CommandAsync(string[] args)
    {
        using var output = new StringWriter();
        return (await AuditCommands.RunAsync(args, output, CancellationToken.None), output.ToString());
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string body, EntityTagHeaderValue? ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/settings/audit") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(ifMatch);
        }

        return client.SendAsync(request);
    }
}
