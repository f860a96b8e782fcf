using System.Net;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>What the image routes read and refuse. The nodes of this world have no agents: whatever reaches for one is 503.</summary>
public sealed class ImageRouteTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    [Fact]
    public async Task A_list_has_the_engines_fields()
    {
        var (status, body) = await SendAsync("GET", "/images/json?all=1&filters=" + Uri.EscapeDataString("""{"reference":{"own-*":true}}"""));

        status.ShouldBe(HttpStatusCode.OK, body);
        var image = JsonElement.Parse(body).EnumerateArray().Single();
        image.GetProperty("Id").GetString().ShouldBe("sha256:" + new string('1', 64));
        image.GetProperty("RepoTags").EnumerateArray().Single().GetString().ShouldBe("own-image:1");
        image.GetProperty("Containers").GetInt32().ShouldBe(1);
        image.GetProperty("Created").GetInt64().ShouldBeGreaterThan(1_000_000_000);
        image.GetProperty("Labels").ValueKind.ShouldBe(JsonValueKind.Object);
    }

    [Theory]
    [InlineData("GET", "/images/json?filters={\"secret\":[\"x\"]}", "secret")]
    [InlineData("GET", "/images/json?filters={\"reference\":[\"[\"]}", "pattern")]
    [InlineData("GET", "/images/search?term=x&limit=1000", "limit")]
    [InlineData("GET", "/images/get", "names")]
    [InlineData("POST", "/images/create", "fromImage")]
    [InlineData("POST", "/images/create?fromImage=busybox", "tag")]
    [InlineData("POST", "/images/create?fromImage=busybox&tag=1/b", "fromImage")]
    [InlineData("POST", "/images/create?fromImage=busybox&fromSrc=-", "exclude")]
    [InlineData("POST", "/images/create?fromSrc=http://169.254.169.254/latest", "docker import")]
    [InlineData("POST", "/images/create?fromSrc=-&repo=Bad", "repo")]
    [InlineData("POST", "/images/own-image:1/tag?repo=UPPER", "repo")]
    [InlineData("POST", "/images/own-image/push?tag=1&platform=linux/arm64", "platform")]
    [InlineData("POST", "/images/prune?filters={\"reference\":[\"x\"]}", "reference")]
    [InlineData("POST", "/build?version=2", "DOCKER_BUILDKIT=0")]
    [InlineData("POST", "/build?session=x", "DOCKER_BUILDKIT=0")]
    [InlineData("POST", "/build?remote=https://example.com/x.git", "remote")]
    [InlineData("POST", "/build?t=UPPER", "t")]
    [InlineData("POST", "/build?memory=much", "memory")]
    [InlineData("POST", "/build?buildargs={\"a\":1}", "buildargs")]
    [InlineData("POST", "/build?buildargs={\"a\":\"1\",\"a\":\"2\"}", "buildargs")]
    [InlineData("POST", "/build?ulimits=[{\"name\":\"x\"}]", "ulimits")]
    [InlineData("POST", "/build?buildargs={\"constraint:node\":\"\"}", "buildargs")]
    [InlineData("POST", "/build/prune?keep-storage=5", "keep-storage")]
    [InlineData("POST", "/build/prune?filters={\"until\":[\"1h\"]}", "filters")]
    [InlineData("POST", "/commit?container=own-container&repo=Bad", "repo")]
    [InlineData("GET", "/system/df?type=secret", "type")]
    public async Task What_means_nothing_here_is_refused_with_its_name(string method, string target, string mention)
    {
        var cut = target.IndexOf('?', StringComparison.Ordinal);
        var (status, body) = await SendAsync(method, cut < 0 ? target : target[..(cut + 1)] + target[(cut + 1)..].Replace("{", "%7B").Replace("}", "%7D").Replace("\"", "%22").Replace("[", "%5B").Replace("]", "%5D"));

        status.ShouldBe(HttpStatusCode.BadRequest, body);
        JsonElement.Parse(body).GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(mention);
    }

    [Theory]
    [InlineData("POST", "/images/create?fromImage=busybox&tag=1")]
    [InlineData("GET", "/images/own-image:1/json")]
    [InlineData("GET", "/images/own-image:1/history")]
    [InlineData("GET", "/images/own-image:1/get")]
    [InlineData("POST", "/images/own-image/push?tag=1")]
    [InlineData("POST", "/images/own-image:1/tag?repo=other&tag=2")]
    [InlineData("DELETE", "/images/own-image:1")]
    [InlineData("POST", "/commit?container=own-container")]
    [InlineData("POST", "/build/prune")]
    public async Task A_node_that_cannot_be_reached_is_said_by_name(string method, string target)
    {
        var (status, body) = await SendAsync(method, target);

        status.ShouldBe(HttpStatusCode.ServiceUnavailable, body);
        JsonElement.Parse(body).GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("-node");
    }

    [Fact]
    public async Task Images_that_are_not_together_are_not_found()
    {
        var (status, body) = await SendAsync("GET", "/images/get?names=own-image:1&names=hidden-image:1");

        status.ShouldBe(HttpStatusCode.NotFound);
        body.ShouldContain("own-image:1 is on own-node");
    }

    [Fact]
    public async Task An_absent_image_is_called_as_the_engine_calls_it()
    {
        var (status, body) = await SendAsync("GET", "/images/nothing:1/json");

        status.ShouldBe(HttpStatusCode.NotFound);
        JsonElement.Parse(body).GetProperty("message").GetString().ShouldBe("No such image: nothing:1");
    }

    [Theory]
    [InlineData("X-Registry-Auth", "/images/create?fromImage=busybox&tag=1", "not base64!")]
    [InlineData("X-Registry-Config", "/build", "{\"x\":1}")]
    public async Task Credentials_of_registries_are_bounded_and_never_shown(string header, string target, string value)
    {
        var (status, body) = await SendAsync("POST", target, (header, value));

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.ShouldContain(header);
        body.ShouldNotContain(value);
    }

    [Theory]
    [InlineData("{\"Image\":\"x\",\"HostConfig\":{\"Privileged\":true}}")]
    [InlineData("{\"image\":\"x\"}")]
    [InlineData("[]")]
    public async Task A_configuration_that_is_none_is_not_committed(string body)
    {
        var (status, _) = await SendAsync("POST", "/commit?container=own-container", body: body);

        status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_build_is_not_cancelled_by_id() => (await SendAsync("POST", "/build/cancel?id=x")).Status.ShouldBe(HttpStatusCode.NotImplemented);

    [Fact]
    public async Task Disk_usage_without_nodes_that_answer_is_empty()
    {
        var (status, body) = await SendAsync("GET", "/system/df");

        status.ShouldBe(HttpStatusCode.OK, body);
        JsonElement.Parse(body).GetProperty("Images").GetArrayLength().ShouldBe(0);
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(string method, string target, (string Name, string Value)? header = null, string? body = null)
    {
        using var client = world.Server.Administrator();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var request = new HttpRequestMessage(new HttpMethod(method), "/v1.41" + target);
        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, deadline.Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(deadline.Token));
    }
}
