using System.Net.Http.Headers;
using System.Text;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.Input;

/// <summary>Whatever is wrong with a request: 4xx that names the field, and nothing has happened.</summary>
public sealed class BadInputTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    private const string Nul = "\\u0000";

    [Fact]
    public Task Bodies_of_create() => RefusedAsync(HttpMethod.Post, "/containers", [.. WholeBodies(), .. Creates()]);

    [Fact]
    public async Task Bodies_of_rename_and_update()
    {
        var created = await Api.RunAsync(Specs.Sleeper("changed"));

        await RefusedAsync(HttpMethod.Post, $"/containers/{created.Id}/rename",
        [
            .. WholeBodies(), new("{\"name\":5}", "name"), new("{\"name\":\"\"}", "name"), new("{\"name\":\"a\"}", "name"), new("{}", "name"),
            new("{\"name\":\"a/b\"}", "name"), new($"{{\"name\":\"ab{Nul}\"}}", "name"), new("{\"name\":\"ab\",\"Name\":\"cd\"}", "Name"),
        ]);
        await RefusedAsync(HttpMethod.Patch, $"/containers/{created.Id}",
        [
            .. WholeBodies(), new("{\"memoryBytes\":1}", "memoryBytes"), new("{\"memoryBytes\":-1}", "memoryBytes"), new("{\"memoryBytes\":\"64m\"}", "memoryBytes"),
            new("{\"memoryBytes\":1e300}", "memoryBytes"), new("{\"nanoCpus\":-5}", "nanoCpus"), new("{\"pidsLimit\":1.5}", "pidsLimit"),
            new("{\"memoryBytes\":67108864,\"memoryReservationBytes\":134217728}", "memoryReservationBytes"),
            new("{\"restartPolicy\":{\"name\":\"sometimes\"}}", "restartPolicy"), new("{\"image\":\"busybox\"}", "image"),
        ]);
        (await Api.ContainerAsync(created.Id)).ShouldSatisfyAllConditions(
            container => container.Name.ShouldBe("changed"), container => container.Revision.ShouldBe(created.Revision), container => container.State.ShouldBe("running"));
    }

    [Fact]
    public Task Bodies_of_bulk() => RefusedAsync(HttpMethod.Post, "/containers/bulk",
    [
        .. WholeBodies(), new("{\"ids\":[\"a\"]}", "action"), new("{\"action\":\"stop\"}", "ids"), new("{\"action\":\"stop\",\"ids\":[]}", "ids"),
        new("{\"action\":\"explode\",\"ids\":[\"a\"]}", "action"), new("{\"action\":\"stop\",\"ids\":\"a\"}", "ids"), new("{\"action\":\"stop\",\"ids\":[null]}", "ids"),
        new("{\"action\":\"stop\",\"ids\":[5]}", "ids"), new("{\"action\":\"stop\",\"ids\":[\"a\"],\"timeoutSeconds\":-1}", "timeoutSeconds"),
        new("{\"action\":\"remove\",\"ids\":[\"a\"],\"force\":\"yes\"}", "force"), new("{\"action\":null,\"ids\":[\"a\"]}", "action"),
        new($"{{\"action\":\"stop\",\"ids\":[{string.Join(',', Enumerable.Range(0, 501).Select(i => $"\"id{i}\""))}]}}", "ids"),
    ]);

    [Fact]
    public async Task Bodies_of_a_nodes_patch()
    {
        var before = await Api.NodeAsync("node-1");

        await RefusedAsync(HttpMethod.Patch, "/nodes/node-1",
        [
            .. WholeBodies(), new("{\"availability\":\"asleep\"}", "availability"), new("{\"availability\":5}", "availability"), new("{\"labels\":[]}", "labels"),
            new("{\"labels\":{\"a\":5}}", "labels"), new("{\"labels\":{\"\":\"x\"}}", "labels"), new($"{{\"labels\":{{\"a\":\"{Nul}\"}}}}", "labels"),
            new($"{{\"labels\":{{\"{new string('k', 5000)}\":\"x\"}}}}", "labels"), new("{\"name\":\"\"}", "name"), new("{\"name\":\"a b\"}", "name"),
            new($"{{\"name\":\"{new string('n', 300)}\"}}", "name"), new("{\"state\":\"Ready\"}", "state"), new("{\"labels\":{\"a\":\"1\",\"a\":\"2\"}}", "labels"),
        ]);

        (await Api.NodeAsync("node-1")).Revision.ShouldBe(before.Revision);
    }

    [Fact]
    public async Task Bodies_of_tokens_and_sign_in()
    {
        await RefusedAsync(HttpMethod.Post, "/join-tokens",
        [
            .. WholeBodies(), new("{\"uses\":0}", "uses"), new("{\"uses\":100000}", "uses"), new("{\"uses\":\"1\"}", "uses"), new("{\"expiresInSeconds\":1}", "expiresInSeconds"),
            new("{\"expiresInSeconds\":99999999999}", "expiresInSeconds"), new("{\"labels\":{\"a\":null}}", "labels"), new($"{{\"name\":\"{new string('n', 5000)}\"}}", "name"),
            new($"{{\"name\":\"a{Nul}\"}}", "name"), new("{\"requireApproval\":\"no\"}", "requireApproval"), new("{\"digest\":\"x\"}", "digest"),
        ]);
        await RefusedAsync(HttpMethod.Post, "/tokens",
        [
            .. WholeBodies(), new("{}", "name"), new("{\"name\":\"\"}", "name"), new("{\"name\":null}", "name"), new("{\"name\":\"t\",\"expiresInDays\":-1}", "expiresInDays"),
            new("{\"name\":\"t\",\"expiresInDays\":\"9\"}", "expiresInDays"), new("{\"name\":\"t\",\"isAdministrator\":true}", "isAdministrator"),
        ]);
        await RefusedAsync(HttpMethod.Post, "/auth/login",
            [.. WholeBodies(), new("{\"name\":\"admin\"}", "password"), new("{\"name\":\"admin\",\"password\":5}", "password"), new("{\"name\":[],\"password\":\"x\"}", "name")]);
    }

    [Fact]
    public async Task A_body_larger_than_allowed_is_not_read()
    {
        var huge = new string('x', 5 << 20);

        foreach (var path in new[] { "/containers", "/containers/bulk", "/join-tokens", "/tokens", "/auth/login" })
        {
            // Asked before it is sent: the server would close the connection in the middle.
            using var content = new StringContent($"{{\"name\":\"{huge}\"}}", Encoding.UTF8, "application/json");
            (await Api.SendAsync(HttpMethod.Post, path, content, ("Expect", "100-continue"))).Status.ShouldBe(413, path);
        }

        await ShouldBeEmptyAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/xml")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_body_that_is_not_called_json_is_refused(string type)
    {
        foreach (var path in new[] { "/containers", "/containers/bulk", "/join-tokens", "/tokens" })
        {
            (await SendAsync(HttpMethod.Post, path, "{\"image\":\"busybox\",\"name\":\"typed\"}", type)).Status.ShouldBe(415, path);
        }

        await ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        byte[][] bodies = [[0xff, 0xfe, 0x00], [.. "{\"image\":\""u8, 0xc3, 0x28, .. "\"}"u8], [.. "{\"image\":\"busybox\",\"name\":\"ab"u8, 0xed, 0xa0, 0x80, .. "\"}"u8]];
        foreach (var bytes in bodies)
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var answer = await Api.SendAsync(HttpMethod.Post, "/containers", content);
            answer.Status.ShouldBe(400, Convert.ToHexString(bytes));
        }

        await ShouldBeEmptyAsync();
    }

    [Theory]
    [InlineData("a%2F..%2Fb")]
    [InlineData("%2e%2e%2f%2e%2e%2fnodes")]
    [InlineData("%20")]
    [InlineData("a%0d%0ab")]
    [InlineData("%E2%80%AE")]
    [InlineData("%F0%9F%90%B3")]
    [InlineData("*")]
    [InlineData("'%20OR%201=1--")]
    public async Task Ids_that_are_none_find_nothing(string id)
    {
        await Api.RunAsync(Specs.Sleeper("bystander"));
        (HttpMethod Method, string Path)[] requests =
        [
            .. new[] { "start", "stop", "restart", "kill", "pause", "unpause" }.Select(verb => (HttpMethod.Post, $"/containers/{id}/{verb}")),
            (HttpMethod.Delete, $"/containers/{id}?force=true"), (HttpMethod.Get, $"/containers/{id}"), (HttpMethod.Get, $"/containers/{id}/logs"),
            (HttpMethod.Get, $"/containers/{id}/inspect"), (HttpMethod.Delete, $"/nodes/{id}?force=true"), (HttpMethod.Post, $"/nodes/{id}/approve"),
            (HttpMethod.Post, $"/operations/{id}/cancel"), (HttpMethod.Delete, $"/join-tokens/{id}"), (HttpMethod.Delete, $"/tokens/{id}"),
        ];

        foreach (var (method, path) in requests)
        {
            (await Api.SendAsync(method, path, content: null)).Status.ShouldBeInRange(400, 405, path);
        }

        (await Cluster.PsAsync()).Single().State.ShouldBe("running");
        (await Api.NodesAsync()).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("/containers/x/kill?signal=BOOM", "POST", "signal")]
    [InlineData("/containers/x/stop?timeout=-1", "POST", "timeout")]
    [InlineData("/containers/x/stop?timeout=soon", "POST", "timeout")]
    [InlineData("/containers/x/restart?timeout=99999999999", "POST", "timeout")]
    [InlineData("/containers/x?force=maybe", "DELETE", "force")]
    [InlineData("/containers/x?volumes=2", "DELETE", "volumes")]
    [InlineData("/containers?dryRun=perhaps", "POST", "dryRun")]
    [InlineData("/nodes/node-1?force=maybe", "DELETE", "force")]
    [InlineData("/containers?limit=0", "GET", "limit")]
    [InlineData("/containers?limit=many", "GET", "limit")]
    [InlineData("/containers?cursor=zzz!", "GET", "cursor")]
    [InlineData("/containers?sort=colour", "GET", "sort")]
    [InlineData("/containers?colour=red", "GET", "colour")]
    [InlineData("/containers?managed=maybe", "GET", "managed")]
    [InlineData("/containers/x/logs?tail=-5", "GET", "tail")]
    [InlineData("/containers/x/logs?since=yesterday", "GET", "since")]
    [InlineData("/containers/x/logs?follow=perhaps", "GET", "follow")]
    [InlineData("/containers/x/stats?stream=perhaps", "GET", "stream")]
    [InlineData("/events?kind=party", "GET", "kind")]
    public async Task A_query_that_makes_no_sense_is_named(string path, string method, string field)
    {
        using var content = method == "POST" ? new StringContent("{\"image\":\"busybox\"}", Encoding.UTF8, "application/json") : null;

        var answer = await Api.SendAsync(HttpMethod.Parse(method), path, content);

        answer.ShouldBe(400);
        answer.Fields.ShouldContain(field, answer.Text);
        await ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task Headers_that_make_no_sense_are_named()
    {
        var spec = Specs.Sleeper("headers");

        (await Api.CreateAsync(spec, 25, ("Idempotency-Key", new string('k', 300)))).ShouldBe(400).Fields.ShouldContain("Idempotency-Key");
        (await Api.CreateAsync(spec, 25, ("Idempotency-Key", "with blank"))).ShouldBe(400).Fields.ShouldContain("Idempotency-Key");
        (await Api.PatchAsync("/nodes/node-1", new { availability = "pause" }, "nonsense")).ShouldBe(400).Fields.ShouldContain("If-Match");
        (await Api.PatchAsync("/nodes/node-1", new { availability = "pause" }, "W/\"1\"")).ShouldBe(400).Fields.ShouldContain("If-Match");

        await ShouldBeEmptyAsync();
        (await Api.NodeAsync("node-1")).Availability.ShouldBe("active");
    }

    [Theory]
    [InlineData("POST", "/api/v1/containers/../nodes/%2e%2e/containers/%00/stop")]
    [InlineData("POST", "/api/v1/containers/%00/start")]
    [InlineData("POST", "/api/v1//containers//x//start")]
    [InlineData("DELETE", "/api/v1/nodes/..%2fnodes%2fnode-1")]
    [InlineData("DELETE", "/api/v1/containers/..")]
    [InlineData("TRACE", "/api/v1/containers")]
    [InlineData("PUT", "/api/v1/containers")]
    [InlineData("POST", "/api/v2/containers")]
    [InlineData("POST", "/containers/create")]
    [InlineData("POST", "/v1.41/containers/create")]
    public async Task Tricks_with_the_path_lead_nowhere(string method, string target)
    {
        var status = await RawRequest.StatusAsync(Cluster.Lab.Server, method, target, "{\"Image\":\"busybox\",\"image\":\"busybox\"}", Cancellation);

        status.ShouldBeInRange(400, 499);
        await ShouldBeEmptyAsync();
        (await Api.NodesAsync()).Count.ShouldBe(3);
    }

    private static BadBody[] WholeBodies() =>
    [
        new("", null), new(" ", null), new("null", null), new("5", null), new("\"text\"", null), new("[]", null), new("true", null), new("{", null), new("{}}", null),
        new("{\"a\":}", null), new("{'image':'busybox'}", null), new("{\"image\":\"busybox\"} {}", null), new("// no\n{}", null), new("{\"a\":1,}", null),
        new(string.Concat(Enumerable.Repeat("{\"a\":", 500)), null), new(string.Concat(Enumerable.Repeat("[", 500)), null),
        new("{\"surprise\":1}", "surprise"),
    ];

    private static BadBody[] Creates() =>
    [
        .. Bad("name", "\"\"", "\"a\"", "5", "[]", "{}", "true", "\"a b\"", "\"../x\"", "\"/x\"", "\"-x\"", $"\"ab{Nul}\"", "\"\u017ftart\"", "\"\u00e4\u00f6\"", "\"a\\nb\"", $"\"{new string('n', 300)}\"", "\"deadbeefdeadbeef\""),
        new("{}", "image"), new("{\"image\":null}", "image"), new("{\"image\":5}", "image"), new("{\"image\":[\"busybox\"]}", "image"), new("{\"image\":\"\"}", "image"),
        new("{\"image\":\"UPPER\"}", "image"), new("{\"image\":\"a:b:c\"}", "image"), new("{\"image\":\"busybox@sha256:zz\"}", "image"), new("{\"image\":\"-x\"}", "image"),
        new("{\"image\":\"../../etc\"}", "image"), new($"{{\"image\":\"busybox{Nul}\"}}", "image"), new("{\"image\":\" busybox\"}", "image"), new("{\"image\":\"http://x/y\"}", "image"),
        new($"{{\"image\":\"{new string('i', 5000)}\"}}", "image"), new("{\"Image\":\"busybox\"}", "Image"), new("{\"image\":\"busybox\",\"image\":\"other\"}", "image"),
        new("{\"image\":\"busybox\",\"IMAGE\":\"other\"}", "IMAGE"), new("{\"image\":\"busybox\",\"ho\u017ftname\":\"x\"}", "ho\u017ftname"), new("{\"image\":\"busybox\",\"HostConfig\":{\"Privileged\":true}}", "HostConfig"),
        .. Bad("command", "\"sh\"", "5", "[5]", "[null]", $"[\"a{Nul}\"]", $"[\"{new string('c', 140_000)}\"]", "{}"),
        .. Bad("entrypoint", "\"sh\"", "[{}]", $"[\"{Nul}\"]"),
        .. Bad("env", "[]", "[\"A=b\"]", "{\"\":\"x\"}", "{\"A=B\":\"x\"}", "{\"A\":5}", "{\"A\":null}", $"{{\"A\":\"{Nul}\"}}", "{\"A\":\"1\",\"A\":\"2\"}"),
        .. Bad("labels", "[]", "{\"controlplane.id\":\"x\"}", "{\"ControlPlane.Owner\":\"x\"}", "{\"\":\"x\"}", "{\"a\":1}", $"{{\"a{Nul}\":\"x\"}}"),
        .. Bad("ports", "{}", "80", "[80]", "[null]", "[{}]", "[{\"containerPort\":0}]", "[{\"containerPort\":65536}]", "[{\"containerPort\":-1}]", "[{\"containerPort\":\"80\"}]", "[{\"containerPort\":80.5}]",
            "[{\"containerPort\":80,\"hostPort\":65536}]", "[{\"containerPort\":80,\"hostPort\":-1}]", "[{\"containerPort\":80,\"protocol\":\"icmp\"}]", "[{\"containerPort\":80,\"hostIp\":\"999.1.1.1\"}]",
            "[{\"containerPort\":80,\"hostIp\":\"example.org\"}]", "[{\"containerPort\":80,\"hostPort\":81},{\"containerPort\":82,\"hostPort\":81}]", "[{\"containerPort\":99999999999999999999}]"),
        .. Bad("mounts", "{}", "[{}]", "[{\"type\":\"magic\",\"target\":\"/x\"}]", "[{\"type\":\"bind\",\"source\":\"relative\",\"target\":\"/x\"}]", "[{\"type\":\"bind\",\"source\":\"/a/../b\",\"target\":\"/x\"}]",
            "[{\"type\":\"volume\",\"source\":\"../x\",\"target\":\"/x\"}]", "[{\"type\":\"volume\",\"source\":\"v\"}]", "[{\"type\":\"volume\",\"target\":\"relative\"}]", $"[{{\"type\":\"volume\",\"target\":\"/x{Nul}\"}}]",
            "[{\"type\":\"tmpfs\",\"target\":\"/x\",\"tmpfsSizeBytes\":-1}]", "[{\"type\":\"volume\",\"target\":\"/x\",\"readOnly\":\"yes\"}]"),
        .. Bad("networks", "{}", "[\"front\"]", "[{}]", "[{\"name\":\"\"}]", "[{\"name\":\"a/b\"}]", "[{\"name\":\"front\",\"ipv4Address\":\"300.1.1.1\"}]"),
        .. Bad("networkMode", "5", "\"\"", "\"a b\""),
        .. Bad("resources", "[]", "{\"memoryBytes\":1}", "{\"memoryBytes\":-1}", "{\"memoryBytes\":\"64m\"}", "{\"memoryBytes\":1e300}", "{\"memoryBytes\":64.5}", "{\"nanoCpus\":-1}", "{\"cpuShares\":1}", "{\"pidsLimit\":-7}",
            "{\"memoryBytes\":67108864,\"memoryReservationBytes\":134217728}", "{\"nanoCpus\":1000000000,\"nanoCpusReservation\":2000000000}", "{\"surprise\":1}"),
        .. Bad("restartPolicy", "\"always\"", "{\"name\":\"sometimes\"}", "{\"name\":\"always\",\"maximumRetryCount\":3}", "{\"name\":\"on-failure\",\"maximumRetryCount\":-1}"),
        .. Bad("user", "5", "\"\"", "\"a b\""), .. Bad("workingDir", "\"relative\"", "\"/a/../b\"", $"\"/{Nul}\""), .. Bad("stopSignal", "\"SIGBOOM\"", "\"\"", "99"),
        .. Bad("stopTimeoutSeconds", "-2", "\"9\"", "99999999999"), .. Bad("hostname", "\"a b\"", "\"\"", $"\"{new string('h', 64)}\"", "\"-x\""),
        .. Bad("healthcheck", "[]", "{\"test\":\"true\"}", "{\"test\":[\"SHELL\",\"true\"]}", "{\"test\":[\"CMD\",\"true\"],\"intervalSeconds\":-1}", "{\"test\":[\"CMD\",\"true\"],\"retries\":-1}"),
        .. Bad("ulimits", "{}", "[{}]", "[{\"name\":\"nofile\",\"soft\":10,\"hard\":5}]", "[{\"name\":\"no such\",\"soft\":10}]"), .. Bad("logging", "\"json-file\"", "{\"driver\":\"\"}", "{\"options\":{\"a\":\"b\"}}"),
        .. Bad("capAdd", "\"ALL\"", "[\"NO SUCH!\"]", "[5]"), .. Bad("capDrop", "[\"\"]"), .. Bad("privileged", "\"yes\"", "1"), .. Bad("tty", "\"yes\""), .. Bad("init", "[]"), .. Bad("start", "\"no\"", "0"),
        .. Bad("extraHosts", "[\"nonsense\"]", "[\"a:b\"]"), .. Bad("dns", "[\"example.org\"]", "\"1.1.1.1\""), .. Bad("pull", "\"always\"", "true"), .. Bad("strategy", "\"best\"", "5"),
        .. Bad("constraints", "\"zone==a\"", "[5]", "[\"\"]", "[\"nonsense\"]", "[\"zone=a\"]", "[\"==a\"]", $"[\"zone==a{Nul}\"]"), .. Bad("affinities", "\"tier==a\"", "[5]", "[\"\"]", "[\"nonsense\"]", "[\"tier=a\"]", $"[\"tier==a{Nul}\"]"), .. Bad("platform", "\"linux\"", "5"), .. Bad("reschedulePolicy", "\"maybe\"", "true"), .. Bad("rescheduleWithVolumes", "\"yes\""), .. Bad("collection", "\"x\"", "\"/a//b\"", "\"/a/../b\""),
    ];

    private static IEnumerable<BadBody> Bad(string field, params string[] values) =>
        values.Select(value => new BadBody(field == "image" ? $"{{\"image\":{value}}}" : $"{{\"image\":\"busybox\",\"{field}\":{value}}}", field));

    private Task<Answer> SendAsync(HttpMethod method, string path, string body, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return Api.SendAsync(method, path, content, ("If-Match", "*"), ("Prefer", "wait=25"));
    }

    private async Task RefusedAsync(HttpMethod method, string path, IReadOnlyList<BadBody> bodies)
    {
        var before = (await Cluster.PsAsync()).Count;
        var wrong = new List<string>();
        foreach (var bad in bodies)
        {
            var answer = await SendAsync(method, path, bad.Json);
            var named = bad.Field is null || answer.Fields.Any(field => field.StartsWith(bad.Field, StringComparison.Ordinal));
            if (answer.Status != 400 || !named || answer.Code.Length == 0)
            {
                wrong.Add($"{bad.Json[..Math.Min(bad.Json.Length, 120)]} → {answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 300)]}");
            }
        }

        wrong.ShouldBeEmpty();
        (await Cluster.PsAsync()).Count.ShouldBe(before);
        (await Api.ContainersAsync()).Count.ShouldBe(before);
    }

    private async Task ShouldBeEmptyAsync()
    {
        (await Api.ContainersAsync()).ShouldBeEmpty();
        (await Cluster.PsAsync()).ShouldBeEmpty();
    }
}
