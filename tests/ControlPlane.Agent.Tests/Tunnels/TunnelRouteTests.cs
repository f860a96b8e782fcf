using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Tunnels;

public sealed class TunnelRouteTests
{
    private static readonly string Id = new('a', 64);
    private static readonly string ImageId = "sha256:" + Id;
    private static readonly PolicyRules Open = new();
    private static readonly Version Api = new(1, 41);
    private static readonly ContainerLogs Logs = new(Id, false, true, true, null, null, null, false);

    public static TheoryData<TunnelRequest, string> Reads => new()
    {
        { new InspectContainer(Id), "GET containers/{id}/json" },
        { new InspectContainer(Id) { Size = true }, "GET containers/{id}/json?size=1" },
        { new ContainerLogs(Id, true, true, false, 10, 1.5, 2, true) { Details = true }, "GET containers/{id}/logs?follow=1&stdout=1&stderr=0&timestamps=1&tail=10&since=1.500000000&until=2.000000000&details=1" },
        { Logs, "GET containers/{id}/logs?follow=0&stdout=1&stderr=1&timestamps=0&tail=all" },
        { new ContainerStats(Id, true), "GET containers/{id}/stats?stream=1" },
        { new ContainerStats(Id, false) { OneShot = true }, "GET containers/{id}/stats?stream=0&one-shot=1" },
        { new ContainerTop(Id, null), "GET containers/{id}/top" },
        { new ContainerTop(Id, "-o pid,cmd"), "GET containers/{id}/top?ps_args=-o%20pid%2Ccmd" },
        { new ContainerDiff(Id), "GET containers/{id}/changes" },
        { new ExportContainer(Id), "GET containers/{id}/export" },
        { new StatArchive(Id, "/a b&c"), "HEAD containers/{id}/archive?path=%2Fa%20b%26c" },
        { new GetArchive(Id, "../x"), "GET containers/{id}/archive?path=..%2Fx" },
        { new WaitContainer(Id, "next-exit"), "POST containers/{id}/wait?condition=next-exit" },
        { new ResizeContainer(Id, 24, 80), "POST containers/{id}/resize?h=24&w=80" },
        { new InspectExec(Id), "GET exec/{id}/json" },
        { new ResizeExec(Id, 0, 65535), "POST exec/{id}/resize?h=0&w=65535" },
        { new InspectImage("reg.example.com:5000/a/b:1"), "GET images/reg.example.com:5000/a/b:1/json" },
        { new InspectImage(ImageId), "GET images/sha256:{id}/json" },
        { new ImageHistory("busybox"), "GET images/busybox/history" },
        { new SaveImages(["busybox:1", ImageId]), "GET images/get?names=busybox%3A1&names=sha256%3A{id}" },
        { new SearchImages("a&b", 5, """{"stars":["3"]}"""), "GET images/search?term=a%26b&limit=5&filters=%7B%22stars%22%3A%5B%223%22%5D%7D" },
        { new InspectDistribution("busybox@sha256:" + Id), "GET distribution/busybox@sha256:{id}/json" },
        { new FetchImage("busybox", null), "POST images/create?fromImage=busybox&tag=latest" },
        { new FetchImage("r:5000/x:1@sha256:" + Id, "linux/arm64/v8"), "POST images/create?fromImage=r%3A5000%2Fx&tag=sha256%3A{id}&platform=linux%2Farm64%2Fv8" },
        { new PushImage("r:5000/a/x", "1"), "POST images/r:5000/a/x/push?tag=1" },
        { new PushImage("me/x", null), "POST images/me/x/push" },
        { new InspectNetwork(Id, true), "GET networks/{id}?verbose=1" },
        { new InspectVolume("data_1"), "GET volumes/data_1" },
        { new DiskUsage(), "GET system/df" },
        { new PastEvents(5_000_000_007, 1_700_000_000_123_456_700), "GET events?since=5.000000007&until=1700000000.123456700" },
    };

    public static TheoryData<TunnelRequest, string> Streams => new()
    {
        { new PutArchive(Id, "/", true, false), "PUT containers/{id}/archive?path=%2F&noOverwriteDirNonDir=1&copyUIDGID=0" },
        { new LoadImages(true), "POST images/load?quiet=1" },
        { new ImportImage("a/b", "1", "it's", ["CMD [\"sh\"]"], "linux/amd64"), "POST images/create?fromSrc=-&repo=a%2Fb&tag=1&message=it%27s&changes=CMD%20%5B%22sh%22%5D&platform=linux%2Famd64" },
        { new ImportImage(null, null, null, [], null), "POST images/create?fromSrc=-" },
        { new BuildImage([new("t", "a:1"), new("t", "a:2"), new("buildargs", """{"A":"b c"}"""), new("version", "1")]), "POST build?t=a%3A1&t=a%3A2&buildargs=%7B%22A%22%3A%22b%20c%22%7D&version=1" },
    };

    public static TheoryData<TunnelRequest> Malformed => new()
    {
        new InspectContainer("abc"), new InspectContainer("../../../containers/json"), new InspectContainer(Id + "\n"), new InspectContainer(Id.ToUpperInvariant()), new InspectContainer(null!),
        Logs with { Tail = -1 }, Logs with { Since = double.NaN }, Logs with { Until = double.PositiveInfinity }, Logs with { Since = -1 }, Logs with { EngineId = "x" },
        new ContainerStats("x", true), new ContainerTop(Id, "aux; reboot"), new ContainerTop(Id, "$(id)"), new ContainerTop(Id, "aux\n"), new ContainerDiff("x"), new ExportContainer("x"),
        new StatArchive(Id, ""), new GetArchive(Id, "a\0b"), new PutArchive(Id, new string('x', 4097), false, false), new PutArchive(Id, null!, false, false), new StatArchive("x", "/"),
        new WaitContainer(Id, "exited"), new WaitContainer(Id, null!), new WaitContainer("x", "removed"),
        new ResizeContainer(Id, -1, 1), new ResizeContainer(Id, 1, 65536), new ResizeExec(Id, 1, -1), new ResizeExec("x", 1, 1), new InspectExec("x"),
        new AttachContainer("x", false, true, true, true, true, null), new AttachContainer(Id, false, true, true, true, true, "ctrl-p&x=1"), new AttachContainer(Id, false, true, true, true, true, "ctrl-p,"),
        new AttachContainer(Id, false, true, true, true, true, "ctrl-p\n"),
        new StartExec("x", true, false), new StartExec(Id, false, true) { Height = -1 }, new StartExec(Id, false, true) { Width = 70000 },
        new CreateExec("x", """{"Cmd":["sh"]}"""), new CreateExec(Id, "{"), new CreateExec(Id, """{"cmd":["sh"]}"""), new CreateExec(Id, """{"Cmd":["a"],"Cmd":["b"]}"""), new CreateExec(Id, null!), new CreateExec(Id, "null"),
        new InspectImage(".."), new InspectImage("a/../b"), new InspectImage("a b"), new InspectImage("A"), new InspectImage("a?x=1"), new InspectImage(Id), new InspectImage(null!), new ImageHistory("/"), new ImageHistory("a\r\nX: y"),
        new SaveImages([]), new SaveImages(null!), new SaveImages(["ok", "no&"]), new SaveImages([null!]), new SaveImages([.. Enumerable.Repeat("a", 129)]),
        new SearchImages("", null, null), new SearchImages("x", 0, null), new SearchImages("x", 101, null), new SearchImages("x", null, "[]"), new SearchImages("x", null, "{"), new SearchImages("x", 1, null) { RegistryAuth = "a\r\nX: y" },
        new CheckLogin(""), new CheckLogin("[1]"), new CheckLogin("{"), new InspectDistribution("no no"), new InspectDistribution("a") { RegistryAuth = "é" },
        new FetchImage(ImageId, null), new FetchImage("a", "linux;rm"), new FetchImage("a", null) { RegistryAuth = "" }, new FetchImage(null!, null),
        new PushImage("a:1", null), new PushImage("a@sha256:" + Id, null), new PushImage("a", "-x"), new PushImage("a", "x\n"), new PushImage("..", "x"), new PushImage(null!, null),
        new ImportImage("a:1", null, null, [], null), new ImportImage("A", null, null, [], null), new ImportImage(null, null, "\0", [], null), new ImportImage(null, null, null, null!, null), new ImportImage(null, null, null, [], "x y"),
        new InspectNetwork("bridge", false), new InspectVolume(".."), new InspectVolume("a/b"), new InspectVolume("a\n"), new InspectVolume(""), new InspectVolume(null!), new PastEvents(-1, 5), new PastEvents(6, 5),
        new BuildImage([new("remote", "http://x")]), new BuildImage([new("session", "x")]), new BuildImage([new("version", "2")]), new BuildImage([new("T", "x")]), new BuildImage([new("q&t", "x")]),
        new BuildImage([new("q", "1"), new("q", "0")]), new BuildImage([new("networkmode", "default"), new("networkmode", "host")]), new BuildImage([new("t", null!)]), new BuildImage([new(null!, "t")]), new BuildImage(null!),
        new BuildImage([]) { RegistryConfig = "{}" },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public void A_request_becomes_exactly_one_request_of_the_engine(TunnelRequest request, string expected)
    {
        var made = TunnelRoute.Of(request, Open, Api).Request.ShouldNotBeNull();

        $"{made.Method} {made.Path}".ShouldBe(expected.Replace("{id}", Id, StringComparison.Ordinal));
        made.Json.ShouldBeNull();
        made.IsStreamed.ShouldBeFalse();
        made.TakesOver.ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_request_with_a_body_is_streamed(TunnelRequest request, string expected)
    {
        var made = TunnelRoute.Of(request, Open, Api).Request.ShouldNotBeNull();

        $"{made.Method} {made.Path}".ShouldBe(expected.Replace("{id}", Id, StringComparison.Ordinal));
        made.IsStreamed.ShouldBeTrue();
        made.TakesOver.ShouldBeFalse();
    }

    [Fact]
    public void An_attach_takes_the_connection_over()
    {
        var made = TunnelRoute.Of(new AttachContainer(Id, true, true, true, true, false, "ctrl-p,ctrl-q"), Open, Api).Request.ShouldNotBeNull();

        made.TakesOver.ShouldBeTrue();
        made.Path.ShouldBe($"containers/{Id}/attach?logs=1&stream=1&stdin=1&stdout=1&stderr=0&detachKeys=ctrl-p%2Cctrl-q");
    }

    [Fact]
    public void The_body_of_an_exec_is_sent_as_it_is()
    {
        const string Spec = """{"AttachStdout":true,"Cmd":["sh","-c","id"],"Env":null}""";
        var made = TunnelRoute.Of(new CreateExec(Id, Spec), Open, Api).Request.ShouldNotBeNull();

        made.Path.ShouldBe($"containers/{Id}/exec");
        made.Json.ShouldBe(Spec);
    }

    [Fact]
    public void A_login_is_sent_as_it_is_and_shows_nothing()
    {
        var login = new CheckLogin("""{"username":"u","password":"p"}""");
        var made = TunnelRoute.Of(login, Open, Api).Request.ShouldNotBeNull();

        made.Path.ShouldBe("auth");
        made.Json.ShouldBe(login.AuthJson);
        login.ToString().ShouldBe("CheckLogin");
    }

    [Theory]
    [InlineData("1.41", """{"Detach":false,"Tty":true}""")]
    [InlineData("1.42", """{"Detach":false,"Tty":true,"ConsoleSize":[24,80]}""")]
    public void The_size_of_the_terminal_goes_to_engines_that_know_it(string api, string body)
    {
        var made = TunnelRoute.Of(new StartExec(Id, false, true) { Height = 24, Width = 80 }, Open, Version.Parse(api)).Request.ShouldNotBeNull();

        made.Json.ShouldBe(body);
        made.TakesOver.ShouldBeTrue();
    }

    [Fact]
    public void A_detached_exec_takes_nothing_over() => TunnelRoute.Of(new StartExec(Id, true, false), Open, Api).Request!.TakesOver.ShouldBeFalse();

    [Fact]
    public void An_old_engine_is_not_asked_for_one_shot() =>
        TunnelRoute.Of(new ContainerStats(Id, false) { OneShot = true }, Open, new Version(1, 40)).Request!.Path.ShouldBe($"containers/{Id}/stats?stream=0");

    [Fact]
    public void Credentials_travel_in_their_header_and_nowhere_else()
    {
        const string Secret = "c2VjcmV0LXNlY3JldA==";
        (TunnelRequest Request, string Header)[] all =
        [
            (new PushImage("a", null) { RegistryAuth = Secret }, "X-Registry-Auth"),
            (new FetchImage("a", null) { RegistryAuth = Secret }, "X-Registry-Auth"),
            (new SearchImages("a", null, null) { RegistryAuth = Secret }, "X-Registry-Auth"),
            (new InspectDistribution("a") { RegistryAuth = Secret }, "X-Registry-Auth"),
            (new BuildImage([]) { RegistryConfig = Secret }, "X-Registry-Config"),
        ];
        foreach (var (request, header) in all)
        {
            var made = TunnelRoute.Of(request, Open, Api).Request.ShouldNotBeNull();
            made.Header.ShouldBe(new KeyValuePair<string, string>(header, Secret));
            made.Path.ShouldNotContain(Secret);
            made.ToString().ShouldNotContain(Secret);
            request.ToString().ShouldNotContain(Secret);
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_malformed_is_refused_with_a_reason(TunnelRequest request)
    {
        var routed = TunnelRoute.Of(request, Open, Api);

        routed.Request.ShouldBeNull();
        routed.Refusal.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void The_owner_can_forbid_logs()
    {
        var rules = new PolicyRules { NoLogs = true };

        TunnelRoute.Of(Logs, rules, Api).Request.ShouldBeNull();
        TunnelRoute.Of(new AttachContainer(Id, true, true, false, true, true, null), rules, Api).Request.ShouldBeNull();
        TunnelRoute.Of(new AttachContainer(Id, false, true, false, true, true, null), rules, Api).Request.ShouldNotBeNull();
    }

    [Fact]
    public void The_owner_can_forbid_exec()
    {
        var rules = new PolicyRules { NoExec = true };

        TunnelRoute.Of(new CreateExec(Id, """{"Cmd":["sh"]}"""), rules, Api).Request.ShouldBeNull();
        TunnelRoute.Of(new StartExec(Id, true, false), rules, Api).Request.ShouldBeNull();
        TunnelRoute.Of(new AttachContainer(Id, false, true, true, true, true, null), rules, Api).Request.ShouldNotBeNull();
    }

    [Fact]
    public void The_owner_can_forbid_privileged_execs()
    {
        var rules = new PolicyRules { NoPrivileged = true };

        TunnelRoute.Of(new CreateExec(Id, """{"Cmd":["sh"],"Privileged":true}"""), rules, Api).Request.ShouldBeNull();
        TunnelRoute.Of(new CreateExec(Id, """{"Cmd":["sh"],"Privileged":false}"""), rules, Api).Request.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("host", false)]
    [InlineData("container:x", false)]
    [InlineData("default", true)]
    [InlineData("none", true)]
    public void The_owner_can_forbid_builds_in_foreign_networks(string mode, bool passes)
    {
        var build = new BuildImage([new("networkmode", mode)]);

        (TunnelRoute.Of(build, new PolicyRules { NoHostNamespaces = true }, Api).Request is not null).ShouldBe(passes);
        TunnelRoute.Of(build, Open, Api).Request.ShouldNotBeNull();
    }
}
