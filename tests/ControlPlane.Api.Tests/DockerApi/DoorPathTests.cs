namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Paths, versions and methods that two parsers could read differently: refused at both doors, never repaired.</summary>
public sealed class DoorPathTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    public static TheoryData<string> Crooked =>
    [
        // Encoded letters, slashes and dots.
        "/v1.41/%69nfo", "/v1.41/inf%6f", "/v1.41%2Finfo", "/v1.41%2finfo", "/%76ersion", "/v1.41/containers%2Fjson", "/v1%2e41/info", "/v1.41/%2e/info", "/v1.41/%2e%2e/info",
        "/v1.41/%252e%252e/info", "/v1.41/info%00", "/v1.41/info%20", "/v1.41/info%0d%0aX:y", "/v1.41/info%", "/v1.41/info%2", "/v1.41/info%zz", "/v1.41/%c5%bfnfo",
        // Empty and dotted segments, trailing slashes.
        "//v1.41/info", "/v1.41//info", "/v1.41/info/", "/v1.41/./info", "/v1.41/../info", "/v1.41/containers/../info", "/./v1.41/info", "/../v1.41/info", "///_ping", "/_ping/", "/version/",
        "/v1.41/info/.", "/v1.41/info/..", "/v1.41/", "/v1.41",
        // Case, other separators, parameters.
        "/V1.41/info", "/v1.41/Info", "/v1.41/INFO", "/_PING", "/Version", "/v1.41\\info", "/v1.41/info;a=b", "/v1.41/info,", "/v1.41/info#x", "/v1.41/info\\..\\version",
        // Versions.
        "/v1.23/info", "/v0.1/info", "/v1.0/info", "/v01.41/info", "/v1.041/info", "/v1.999/info", "/v9.99/info", "/v1.45/info", "/v2/info", "/v2/", "/v2", "/v1/info", "/v1./info", "/v.41/info",
        "/v1.41.1/info", "/v1,41/info", "/v+1.41/info", "/v1.4e1/info", "/v1.41x/info", "/v99999999999.1/info", "/v1.99999999999/info", "/v-1.41/info", "/v1.41/v1.41/info", "/v1.23/containers/x/start",
        // Other forms of a target.
        "https://localhost/v1.41/info", "http://localhost/v1.41/info", "http://v1.41/info", "v1.41/info", "/v1.41/http://localhost/v1.41/info",
    ];

    [Theory, MemberData(nameof(Crooked))]
    public async Task A_crooked_target_is_refused_where_certificates_are_shown(string target)
    {
        var answer = await world.AskAsync(world.Request("GET", target));

        answer!.ShouldBeRefused(400, 404);
    }

    [Theory, MemberData(nameof(Crooked))]
    public async Task A_crooked_target_is_no_Docker_answer_where_tokens_are_sent(string target)
    {
        var answer = await world.AskAsync(world.Request("GET", target, byToken: true), byToken: true);

        answer!.Body.ShouldNotContain("SystemStatus");
        answer.Body.ShouldNotContain("ApiVersion");
        if (answer.IsDockers)
        {
            answer.ShouldBeRefused(400, 404);
        }
    }

    [Theory]
    [InlineData("/info")]
    [InlineData("/containers/json")]
    [InlineData("/images/json")]
    [InlineData("/events")]
    [InlineData("/containers/create")]
    public async Task Without_a_version_the_shared_port_is_the_dashboards(string path) =>
        (await world.AskAsync(world.Request("GET", path, byToken: true), byToken: true))!.IsDockers.ShouldBeFalse();

    [Theory]
    [InlineData("/v1.24/info", 200)]
    [InlineData("/v1.41/info", 200)]
    [InlineData("/v1.44/info", 200)]
    [InlineData("/v1.41/info?a=b&%zz=%00", 200)]
    [InlineData("/version", 200)]
    [InlineData("/v1.41/version", 200)]
    [InlineData("/_ping", 200)]
    [InlineData("/v1.41/_ping", 200)]
    public async Task A_straight_target_is_served_at_both_doors(string target, int status)
    {
        (await world.AskAsync(world.Request("GET", target)))!.Status.ShouldBe(status);
        (await world.AskAsync(world.Request("GET", target, byToken: true), byToken: true))!.Status.ShouldBe(status);
    }

    [Fact]
    public async Task An_old_client_is_told_in_the_engines_words_what_it_needs()
    {
        (await world.AskAsync(world.Request("GET", "/v1.23/info")))!.Message.ShouldBe(
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version");
        (await world.AskAsync(world.Request("GET", "/v1.999/info")))!.Message.ShouldContain("Maximum supported API version is 1.44");
    }

    [Theory]
    [InlineData("TRACE", "/v1.41/info")]
    [InlineData("TRACK", "/v1.41/info")]
    [InlineData("OPTIONS", "/v1.41/info")]
    [InlineData("OPTIONS", "*")]
    [InlineData("PATCH", "/v1.41/info")]
    [InlineData("PUT", "/v1.41/info")]
    [InlineData("POST", "/v1.41/version")]
    [InlineData("DELETE", "/v1.41/_ping")]
    [InlineData("get", "/v1.41/info")]
    [InlineData("Get", "/v1.41/info")]
    [InlineData("GETS", "/v1.41/info")]
    [InlineData("CONNECT", "localhost:443")]
    [InlineData("CONNECT", "/v1.41/info")]
    [InlineData("PROPFIND", "/v1.41/info")]
    public async Task Another_method_is_another_route(string method, string target)
    {
        (await world.AskAsync(world.Request(method, target)))!.ShouldBeRefused(400, 404, 405, 501);
        var shared = await world.AskAsync(world.Request(method, target, byToken: true), byToken: true);
        // OPTIONS * is the HTTP server's own and says nothing.
        (shared!.Status >= 400 || (!shared.IsDockers && shared.Body.Length == 0)).ShouldBeTrue($"{shared.Status} {shared.Body}");
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    public async Task A_method_cannot_be_overridden(string header)
    {
        (await world.AskAsync(world.Request("POST", "/v1.41/version", headers: $"{header}: GET")))!.ShouldBeRefused(404);
        (await world.AskAsync(world.Request("POST", "/v1.41/info?_method=GET", headers: $"{header}: GET")))!.ShouldBeRefused(404);
        (await world.AskAsync(world.Request("GET", "/v1.41/version", headers: $"{header}: POST")))!.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/login")]
    [InlineData("/containers")]
    [InlineData("/nodes")]
    [InlineData("/api/v1/containers")]
    [InlineData("/api/v1/nodes")]
    [InlineData("/api/v1/join-tokens")]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/metrics")]
    [InlineData("/swagger")]
    [InlineData("/openapi.json")]
    [InlineData("/hubs/live")]
    [InlineData("/agent/v1/challenge")]
    [InlineData("/agent/v1/session")]
    [InlineData("/agent/v1/tunnel")]
    [InlineData("/favicon.ico")]
    [InlineData("/dist/app.js")]
    [InlineData("/v2/_catalog")]
    [InlineData("/sign-in")]
    public async Task The_certificate_port_serves_nothing_but_Docker(string path)
    {
        var answer = await world.AskAsync(world.Request("GET", path, headers: $"Authorization: Bearer {world.AdministratorToken}"));

        answer!.IsDockers.ShouldBeTrue();
        answer.Status.ShouldBeOneOf(400, 404, 501);
        answer.Message.ShouldNotBeEmpty();
        (await world.AskAsync(world.Request("POST", path)))!.ShouldBeRefused(400, 404, 501);
    }

    [Fact]
    public async Task Answers_say_what_a_client_looks_for_and_nothing_of_the_server()
    {
        var answer = (await world.AskAsync(world.Request("HEAD", "/_ping")))!;

        answer.Status.ShouldBe(200);
        answer.Headers["api-version"].ShouldBe("1.44");
        answer.Headers["ostype"].ShouldBe("linux");
        answer.Headers["docker-experimental"].ShouldBe("false");
        answer.Headers.Values.ShouldNotContain(value => value.Contains("Kestrel", StringComparison.OrdinalIgnoreCase));
        answer.Headers.Keys.ShouldNotContain("set-cookie");
    }
}
