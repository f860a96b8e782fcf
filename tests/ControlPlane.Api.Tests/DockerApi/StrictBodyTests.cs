using System.Text;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>What the endpoint does not read, no node is asked: bodies, names and bytes after an upgrade, with an agent that writes down everything.</summary>
public sealed class StrictBodyTests(ScriptedWorld scripted) : IClassFixture<ScriptedWorld>
{
    private const string Good = "\"Image\":\"scripted:1\"";

    private readonly DockerWorld _world = scripted.World;
    private readonly ScriptedNode _node = scripted.Node;

    public static TheoryData<string, string> Malformed => new()
    {
        { "nothing", "" },
        { "null", "null" },
        { "an array", "[]" },
        { "text", "\"x\"" },
        { "half", "{" + Good },
        { "key in lower case", "{" + Good + ",\"hostconfig\":{\"Privileged\":true}}" },
        { "inner key in another case", "{" + Good + ",\"HostConfig\":{\"pRIVILEGED\":true}}" },
        { "image in another case", "{\"image\":\"scripted:1\"}" },
        { "the same key twice", "{" + Good + ",\"HostConfig\":{\"Privileged\":false},\"HostConfig\":{\"Privileged\":true}}" },
        { "the same inner key twice", "{" + Good + ",\"HostConfig\":{\"Privileged\":false,\"Privileged\":true}}" },
        { "the same key, once escaped", "{" + Good + ",\"HostConfig\":{},\"Host\\u0043onfig\":{\"Privileged\":true}}" },
        { "a long s", "{" + Good + ",\"Ho\u017ftConfig\":{\"Privileged\":true}}" },
        { "a long s, escaped", "{" + Good + ",\"Ho\\u017ftConfig\":{\"Privileged\":true}}" },
        { "a Kelvin sign", "{" + Good + ",\"HostConfig\":{\"Networ\u212aMode\":\"host\"}}" },
        { "an unknown key", "{" + Good + ",\"Nonsense\":1}" },
        { "an unknown inner key", "{" + Good + ",\"HostConfig\":{\"Nonsense\":1}}" },
        { "a wrong type", "{" + Good + ",\"Env\":\"A=b\"}" },
        { "a number for a flag", "{" + Good + ",\"Tty\":1}" },
        { "text for a number", "{" + Good + ",\"HostConfig\":{\"Memory\":\"64m\"}}" },
        { "a number that does not fit", "{" + Good + ",\"HostConfig\":{\"Memory\":9223372036854775808}}" },
        { "a second document", "{" + Good + "}{\"HostConfig\":{\"Privileged\":true}}" },
        { "trailing text", "{" + Good + "}x" },
        { "a comment", "{" + Good + "/* */}" },
        { "a trailing comma", "{" + Good + ",}" },
        { "a byte order mark", "\ufeff{" + Good + "}" },
        { "a depth bomb", "{" + Good + ",\"Labels\":" + string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5001) },
        { "an array bomb", "{" + Good + ",\"Cmd\":" + new string('[', 100_000) },
        { "a NUL", "{" + Good + ",\"Env\":[\"A=\\u0000\"]}" },
        { "half a surrogate", "{" + Good + ",\"Env\":[\"A=\\ud800\"]}" },
        { "a NUL in a key", "{" + Good + ",\"HostConfig\\u0000\":{}}" },
        { "too large", "{" + Good + ",\"Labels\":{\"a\":\"" + new string('b', 1_100_000) + "\"}}" },
        { "a label that stands for no collection", "{" + Good + ",\"Labels\":{\"com.docker.ucp.access.label\":\"/no-such\"}}" },
        { "a bad constraint", "{" + Good + ",\"Env\":[\"constraint:node=x\"]}" },
        { "no image", "{\"Cmd\":[\"true\"]}" },
    };

    [Theory, MemberData(nameof(Malformed))]
    public async Task A_body_that_could_be_read_differently_reaches_no_node(string what, string body)
    {
        foreach (var byToken in (bool[])[false, true])
        {
            var before = _node.Asked;
            var answer = await SendAsync("POST", "/v1.41/containers/create?name=strict", body, byToken);

            answer!.Status.ShouldBeOneOf([400, 403, 413], $"{what}: {answer.Body}");
            answer.Message.ShouldNotBeEmpty();
            _node.Asked.ShouldBe(before, what);
        }
    }

    [Theory]
    [InlineData("{\"HostConfig\":{\"Privileged\":true}}")]
    [InlineData("{}")]
    [InlineData(" ")]
    [InlineData("null")]
    public async Task Start_takes_no_body(string body)
    {
        var id = await CreateAsync("started");
        var before = _node.Asked;

        (await SendAsync("POST", $"/v1.41/containers/{id}/start", body))!.ShouldBeRefused(400);
        (await _world.AskAsync($"POST /v1.41/containers/{id}/start HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{Encoding.UTF8.GetByteCount(body):x}\r\n{body}\r\n0\r\n\r\n"))!.ShouldBeRefused(400);
        _node.Asked.ShouldBe(before);
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);
        _node.Commands.Last().ShouldBeOfType<StartContainer>().EngineId.ShouldBe(id);
        await RemoveAsync(id);
    }

    [Theory]
    [InlineData("update", "{\"Memory\":67108864,\"memory\":1}")]
    [InlineData("update", "{\"HostConfig\":{\"Privileged\":true}}")]
    [InlineData("update", "{\"Privileged\":true}")]
    [InlineData("update", "{\"Memory\":1,\"Memory\":2}")]
    [InlineData("exec", "{\"Cmd\":[\"true\"],\"privileged\":true}")]
    [InlineData("exec", "{\"Cmd\":[\"true\"],\"Privileged\":false,\"Privileged\":true}")]
    [InlineData("exec", "{\"Cmd\":[\"true\"],\"U\u017fer\":\"root\"}")]
    [InlineData("exec", "{\"Cmd\":[]}")]
    [InlineData("exec", "{}")]
    public async Task Bodies_about_a_container_are_as_strict(string verb, string body)
    {
        var id = await CreateAsync("strict-verbs");
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);
        var before = _node.Asked;

        (await SendAsync("POST", $"/v1.41/containers/{id}/{verb}", body))!.ShouldBeRefused(400);

        _node.Asked.ShouldBe(before);
        await RemoveAsync(id);
    }

    [Fact]
    public async Task The_engine_is_told_full_ids_whatever_people_type()
    {
        var id = await CreateAsync("typed");
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);

        foreach (var name in (string[])["typed", id[..12], id, id[..4]])
        {
            (await SendAsync("POST", $"/v1.41/containers/{name}/kill", ""))!.Status.ShouldBe(204, name);
            _node.Commands.Last().ShouldBeOfType<KillContainer>().EngineId.ShouldBe(id);
        }

        await RemoveAsync(id);
    }

    [Fact]
    public async Task A_name_never_shadows_an_id()
    {
        var id = await CreateAsync("victim");
        var before = _node.Asked;

        foreach (var name in (string[])[id[..12], id[..16], id, new string('a', 12), new string('0', 64)])
        {
            (await SendAsync("POST", $"/v1.41/containers/create?name={name}", "{" + Good + "}"))!.ShouldBeRefused(400, 409);
            (await SendAsync("POST", $"/v1.41/containers/victim/rename?name={name}", ""))!.ShouldBeRefused(400, 409);
        }

        foreach (var name in (string[])["a/b", "..", ".", "a%20b", "a%00b", "-x", "a", "", new string('n', 400), "%C3%A4bc"])
        {
            (await SendAsync("POST", $"/v1.41/containers/victim/rename?name={name}", ""))!.ShouldBeRefused(400);
        }

        _node.Asked.ShouldBe(before);
        await RemoveAsync(id);
    }

    [Fact]
    public async Task What_a_client_sends_as_its_owner_is_not_believed()
    {
        var id = await CreateAsync("stamped", ",\"Labels\":{\"mine\":\"x\"}");

        var create = _node.Commands.OfType<CreateContainer>().Last();
        create.SpecJson.ShouldContain("\"controlplane.owner\":\"admin\"");
        create.SpecJson.ShouldContain("\"mine\":\"x\"");
        (await SendAsync("POST", "/v1.41/containers/create?name=forged", "{" + Good + ",\"Labels\":{\"controlplane.owner\":\"other\",\"controlplane.id\":\"" + new string('1', 64) + "\"}}"))!
            .Status.ShouldBeOneOf(201, 400, 403);
        _node.Commands.OfType<CreateContainer>().ShouldAllBe(command => !command.SpecJson.Contains("\"controlplane.owner\":\"other\"", StringComparison.Ordinal));
        await RemoveAsync(id);
    }

    [Fact]
    public async Task What_comes_after_an_upgrade_is_the_containers_and_never_a_request()
    {
        var id = await CreateAsync("attached");
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);
        const string next = "GET /v1.41/version HTTP/1.1\r\nHost: localhost\r\n\r\n";

        foreach (var apart in (bool[])[false, true])
        {
            await using var connection = await _world.CertificateDoorAsync();
            var attach = $"POST /v1.41/containers/{id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";
            await connection.SendAsync(apart ? attach : attach + next);
            var head = await connection.ReadAsync();
            head!.Status.ShouldBe(101);
            if (apart)
            {
                await connection.SendAsync(next);
            }

            // It comes back from the container, byte for byte, and no answer of ours with it.
            var text = await connection.TextAsync(seen => seen.Length >= next.Length);
            text.ShouldBe(next);
        }

        _node.Requests.OfType<AttachContainer>().Count(request => request.EngineId == id).ShouldBe(2);
        await RemoveAsync(id);
    }

    [Fact]
    public async Task Exec_with_a_body_is_taken_over_too()
    {
        var id = await CreateAsync("executed");
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);
        var made = await SendAsync("POST", $"/v1.41/containers/{id}/exec", "{\"Cmd\":[\"cat\"],\"AttachStdin\":true,\"AttachStdout\":true}");
        made!.Status.ShouldBe(201, made.Body);
        var exec = System.Text.Json.JsonElement.Parse(made.Body).GetProperty("Id").GetString();

        await using var connection = await _world.CertificateDoorAsync();
        const string body = "{\"Detach\":false,\"Tty\":false}";
        await connection.SendAsync($"POST /v1.41/exec/{exec}/start HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        (await connection.ReadAsync())!.Status.ShouldBe(101);
        await connection.SendAsync("through");

        (await connection.TextAsync(seen => seen.Length >= 7)).ShouldBe("through");
        await RemoveAsync(id);
    }

    [Theory]
    [InlineData("attach")]
    [InlineData("logs")]
    [InlineData("events")]
    public async Task A_deactivated_users_open_stream_ends(string stream)
    {
        var id = await CreateAsync("watched-" + stream);
        (await SendAsync("POST", $"/v1.41/containers/{id}/start", ""))!.Status.ShouldBe(204);
        var name = "watcher-" + stream;
        var (user, shown) = await NewAdministratorAsync(name);
        using var certificate = shown;
        await using var connection = await _world.CertificateDoorAsync(certificate);
        await connection.SendAsync(stream switch
        {
            "attach" => $"POST /v1.41/containers/{id}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
            "logs" => $"GET /v1.41/containers/{id}/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            _ => "GET /v1.41/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
        });
        (await connection.TextAsync(seen => seen.Contains("\r\n\r\n", StringComparison.Ordinal))).ShouldMatch("^HTTP/1.1 (101|200) ");

        await _world.DisableAsync(user);

        (await connection.EndsAsync(TimeSpan.FromSeconds(5))).ShouldBeTrue();
        await RemoveAsync(id);
    }

    private async Task<(string Id, System.Security.Cryptography.X509Certificates.X509Certificate2 Certificate)> NewAdministratorAsync(string name)
    {
        using var client = _world.Server.Administrator();
        using var content = new StringContent($"{{\"name\":\"{name}\",\"kind\":\"service\",\"isAdministrator\":true}}", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/api/v1/users", content);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return ((await _world.UserAsync(name)).Id, (await _world.BundleAsync(name)).Certificate);
    }

    private async Task<string> CreateAsync(string name, string more = "")
    {
        var answer = await SendAsync("POST", $"/v1.41/containers/create?name={name}", "{" + Good + more + "}");
        answer!.Status.ShouldBe(201, answer.Body);
        return System.Text.Json.JsonElement.Parse(answer.Body).GetProperty("Id").GetString()!;
    }

    private async Task RemoveAsync(string id) => (await SendAsync("DELETE", $"/v1.41/containers/{id}?force=1", ""))!.Status.ShouldBe(204);

    private async Task<RawAnswer?> SendAsync(string method, string target, string body, bool byToken = false)
    {
        await using var connection = byToken ? await _world.TokenDoorAsync() : await _world.CertificateDoorAsync();
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = _world.Request(method, target, byToken, headers: bytes.Length > 0 || method == "POST" ? [$"Content-Length: {bytes.Length}", "Content-Type: application/json"] : []);
        try
        {
            await connection.SendAsync(Encoding.Latin1.GetBytes(head).Concat(bytes).ToArray());
        }
        catch (IOException)
        {
            // Hung up on in the middle; why is still to be read.
        }

        return await connection.ReadAsync();
    }
}
