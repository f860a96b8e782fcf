using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace ControlPlane.Api.Tests.Settings;

public sealed class SettingsTests
{
    private const string Path = "/api/v1/settings/scheduling";

    [Fact]
    public async Task Scheduling_is_read_and_replaced_by_its_etag_and_survives_a_restart()
    {
        var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var before = await admin.GetAsync(Path);
        before.Headers.ETag!.Tag.ShouldBe("\"0\"");

        (await PutAsync(admin, """{"overcommitPercent":20}""", null)).StatusCode.ShouldBe(HttpStatusCode.PreconditionRequired);
        var changed = await PutAsync(admin, """{"strategy":"spread","overcommitPercent":20}""", before.Headers.ETag);

        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        changed.Headers.ETag!.Tag.ShouldBe("\"1\"");
        (await PutAsync(admin, "{}", before.Headers.ETag)).StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        var token = server.First!.Token;
        await server.StopAsync();
        await using var next = await TestServer.StartAsync(database: server.Database);
        using var again = next.WithToken(token);
        (await again.GetFromJsonAsync<System.Text.Json.JsonElement>(Path)).ToString()
            .ShouldBe("""{"strategy":"spread","overcommitPercent":20,"revision":1}""");
    }

    [Fact]
    public async Task Wrong_bodies_name_their_field()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        foreach (var (body, field) in new[] { ("""{"strategy":"best"}""", "strategy"), ("""{"overcommitPercent":-1}""", "overcommitPercent"), ("""{"overcommit":1}""", "overcommit") })
        {
            var answer = await PutAsync(admin, body, EntityTagHeaderValue.Any);

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
            (await answer.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(body);
        }
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string body, EntityTagHeaderValue? ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(ifMatch);
        }

        return client.SendAsync(request);
    }
}
