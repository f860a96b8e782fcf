using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Core.Identity.External;
using ControlPlane.TestKit.Directories;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Directories;

/// <summary>The directory by REST and page, against a real slapd.</summary>
public sealed class DirectoryEndpointTests
{
    private const string Settings = "/api/v1/settings/ldap";

    [Fact]
    public async Task Settings_test_and_synchronisation_go_the_whole_way_and_give_no_secret_back()
    {
        await using var slapd = await OpenLdapServer.StartAsync();
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var before = await admin.GetAsync(Settings);
        before.Headers.ETag!.Tag.ShouldBe("\"0\"");

        (await PutAsync(admin, Body(slapd), null)).StatusCode.ShouldBe(HttpStatusCode.PreconditionRequired);
        var changed = await PutAsync(admin, Body(slapd), before.Headers.ETag);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        (await PutAsync(admin, Body(slapd), before.Headers.ETag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        var kept = await admin.GetStringAsync(Settings);
        kept.ShouldContain("\"readerPasswordSet\":true");
        var page = await admin.GetStringAsync("/access/directory");
        page.ShouldContain($"ldaps://127.0.0.1:{slapd.TlsPort}");

        var tested = await admin.PostAsJsonAsync("/api/v1/directory/test", new { userName = "alice", password = OpenLdapServer.UserPassword });
        (await tested.JsonAsync()).GetProperty("passed").GetBoolean().ShouldBeTrue();

        var started = await admin.PostAsync("/api/v1/directory/sync", null);
        started.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var run = await EndedAsync(admin, started.Headers.Location!);
        run.GetProperty("state").GetString().ShouldBe("ok");
        run.GetProperty("log").GetString().ShouldNotBeNull().ShouldContain("New: alice");
        var list = await admin.GetFromJsonAsync<JsonElement>("/api/v1/directory/syncs");
        list.GetProperty("total").GetInt32().ShouldBe(1);
        var log = await admin.GetStringAsync("/access/directory/syncs/" + run.GetProperty("id").GetString());
        log.ShouldContain("New: alice");

        var everything = kept + page + log + run + list + await tested.Content.ReadAsStringAsync() + await changed.Content.ReadAsStringAsync() + string.Join('\n', server.Log.Lines);
        everything.ShouldNotContain(OpenLdapServer.ServicePassword);
        everything.ShouldNotContain(OpenLdapServer.UserPassword + "\"");
    }

    [Fact]
    public async Task A_frozen_directory_keeps_nobody_else_waiting()
    {
        await using var slapd = await OpenLdapServer.StartAsync();
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        (await PutAsync(admin, Body(slapd), EntityTagHeaderValue.Any)).EnsureSuccessStatusCode();
        await admin.GetAsync("/api/v1/auth/me");
        using var _ = await server.BrowserAsync();
        slapd.Freeze();
        var passwords = server.Services.GetRequiredService<IDirectoryPasswords>();

        var waiting = Enumerable.Range(0, 50).Select(i => passwords.CheckAsync($"user{i}", "pw", CancellationToken.None)).ToList();
        var watch = Stopwatch.GetTimestamp();
        using (await server.BrowserAsync())
        {
            Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        }

        watch = Stopwatch.GetTimestamp();
        (await admin.GetAsync("/api/v1/auth/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        waiting.Exists(attempt => !attempt.IsCompleted).ShouldBeTrue();
        (await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(8))).ShouldAllBe(result => result.Error!.Code == "directory.unavailable");
        slapd.Continue();
    }

    [Fact]
    public async Task Wrong_bodies_name_their_field_and_a_directory_that_is_off_is_not_synchronised()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        foreach (var (body, field) in new[]
        {
            ("""{"enabled":true}""", "servers"), ("""{"servers":[{"url":"http://x"}]}""", "servers[0].url"), ("""{"syncSchedule":"never"}""", "syncSchedule"),
            ("""{"nestedGroups":"deep"}""", "nestedGroups"), ("""{"servers":[{}]}""", "servers[0].url"), ("""{"reader":1}""", "reader"),
        })
        {
            var answer = await PutAsync(admin, JsonNode.Parse(body)!, EntityTagHeaderValue.Any);

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
            var errors = (await answer.JsonAsync()).GetProperty("errors");
            errors.EnumerateObject().ShouldContain(error => error.Name.Contains(field.Split('.')[0], StringComparison.Ordinal), $"{body} {errors}");
        }

        (await (await admin.PostAsync("/api/v1/directory/sync", null)).CodeAsync()).ShouldBe("directory.disabled");
        (await (await admin.PostAsJsonAsync("/api/v1/directory/test", new { })).CodeAsync()).ShouldBe("directory.not_configured");
        (await admin.GetAsync("/api/v1/directory/syncs/none")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_page_tries_and_keeps_settings_and_never_shows_a_password_again()
    {
        await using var slapd = await OpenLdapServer.StartAsync();
        await using var server = await TestServer.StartAsync();
        using var browser = await server.BrowserAsync();
        var html = await browser.GetStringAsync("/access/directory");
        var fields = new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = html.Split("name=\"__RequestVerificationToken\"")[1].Split("value=\"")[1].Split('"')[0],
            ["Form.Enabled"] = "true",
            ["Form.Revision"] = "0",
            ["Form.Servers[0].Url"] = $"ldaps://127.0.0.1:{slapd.TlsPort}",
            ["Form.Servers[0].RootCertificates"] = slapd.Authority.ExportCertificatePems(),
            ["Form.Servers[0].ReaderDn"] = OpenLdapServer.ServiceDn,
            ["Form.Servers[0].ReaderPassword"] = OpenLdapServer.ServicePassword,
            ["Form.Searches[0].BaseDn"] = OpenLdapServer.PeopleDn,
            ["Form.Searches[0].Filter"] = "(objectClass=inetOrgPerson)",
            ["Form.NestedGroups"] = "Walk",
            ["Form.SyncSchedule"] = "@daily",
            ["Form.ConnectTimeoutSeconds"] = "3",
            ["Form.OperationTimeoutSeconds"] = "5",
            ["Form.SignInTimeoutSeconds"] = "5",
            ["Form.MaxParallelSignIns"] = "16",
            ["Form.TestName"] = "alice",
            ["Form.TestPassword"] = "c4n4ry",
        };

        var tried = await SendAsync("?handler=Test");
        tried.ShouldContain("userBind");
        tried.ShouldContain("something failed");
        tried.ShouldNotContain("c4n4ry");
        tried.ShouldNotContain(OpenLdapServer.ServicePassword);
        fields["Form.MaxParallelSignIns"] = "0";
        (await SendAsync("")).ShouldContain("must be 1 to 256");
        fields["Form.MaxParallelSignIns"] = "16";
        (await SendAsync("")).ShouldBeEmpty();
        (await browser.GetStringAsync("/access/directory")).ShouldContain("placeholder=\"kept\"");

        async Task<string> SendAsync(string handler)
        {
            var answer = await browser.PostAsync("/access/directory" + handler, new FormUrlEncodedContent(fields));
            ((int)answer.StatusCode).ShouldBeLessThan(500);
            return answer.StatusCode == HttpStatusCode.Redirect ? "" : await answer.Content.ReadAsStringAsync();
        }
    }

    private static JsonObject Body(OpenLdapServer slapd) => new()
    {
        ["enabled"] = true,
        ["servers"] = new JsonArray(new JsonObject
        {
            ["url"] = $"ldaps://127.0.0.1:{slapd.TlsPort}",
            ["rootCertificates"] = slapd.Authority.ExportCertificatePems(),
            ["readerDn"] = OpenLdapServer.ServiceDn,
            ["readerPassword"] = OpenLdapServer.ServicePassword,
        }),
        ["searches"] = new JsonArray(new JsonObject { ["baseDn"] = OpenLdapServer.PeopleDn, ["filter"] = "(objectClass=inetOrgPerson)" }),
        ["signInAttributes"] = new JsonArray("uid", "mail"),
        ["nestedGroups"] = "walk",
    };

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, JsonNode body, EntityTagHeaderValue? ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, Settings) { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(ifMatch);
        }

        return client.SendAsync(request);
    }

    private static async Task<JsonElement> EndedAsync(HttpClient client, Uri run)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var answer = await client.GetFromJsonAsync<JsonElement>(run, patience.Token);
            if (answer.GetProperty("state").GetString() != "running")
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }
}
