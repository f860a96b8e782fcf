using System.Text;
using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Tunnels;

public sealed class EngineCallTests
{
    private static readonly string Id = new('a', 64);
    private static readonly InspectContainer Inspect = new(Id);
    private static readonly AttachContainer Attach = new(Id, false, true, true, true, true, null);

    [Fact]
    public async Task A_request_is_exactly_what_it_should_be_on_the_wire()
    {
        var head = new TaskCompletionSource<string>();
        using var engine = new RawEngine(async connection =>
        {
            head.SetResult(await connection.ReadHeadAsync());
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        var (answer, body) = await bench.AskAsync(Inspect);

        (await head.Task).ShouldBe($"GET /v1.41/containers/{Id}/json HTTP/1.1\r\nHost: docker\r\nUser-Agent: controlplane-agent\r\nConnection: close\r\n\r\n");
        answer.ShouldBe(new TunnelResponse(200, "application/json"));
        body.ShouldBe("{}");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n", 200, "hello world")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and what is no body", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nuntil it closes", 200, "until it closes")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", 404, "gone")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 502, null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 502, null)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", 502, null)]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n", 502, null)]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", 502, null)]
    [InlineData("HTTP/1.1 101 Switching\r\n\r\n", 502, null)]
    [InlineData("", 502, null)]
    public async Task Answers_are_read_strictly(string wire, int status, string? body)
    {
        using var engine = RawEngine.Answering(wire);
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        var (head, text) = await bench.AskAsync(Inspect);

        head.Status.ShouldBe(status);
        if (body is not null)
        {
            text.ShouldBe(body);
        }
    }

    [Fact]
    public async Task A_head_without_end_is_refused_at_its_limit()
    {
        using var engine = RawEngine.Answering("HTTP/1.1 200 OK\r\nX: " + new string('x', 64 * 1024));
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        (await bench.AskAsync(Inspect)).Head.Status.ShouldBe(502);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalfzz")]
    public async Task An_answer_that_breaks_off_is_never_taken_for_its_end(string wire)
    {
        using var engine = RawEngine.Answering(wire);
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(Inspect);
        await turn.SendEndAsync(CancellationToken.None);

        (await Should.ThrowAsync<IOException>(() => turn.Ended.WaitAsync(TunnelBench.Patience))).Message.ShouldContain("engine broke off");
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_a_502_and_the_tunnel_lives_on()
    {
        await using var bench = await TunnelBench.OpenAsync("/nowhere/engine.sock");

        (await bench.AskAsync(Inspect)).Head.Status.ShouldBe(502);
        (await bench.AskAsync(Inspect)).Head.Status.ShouldBe(502);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n")]
    public async Task An_answer_that_is_there_at_once_comes_with_its_end(string wire)
    {
        using var engine = RawEngine.Answering(wire);
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(Inspect);

        await turn.Head.WaitAsync(TunnelBench.Patience);

        turn.RemoteEnded.ShouldBeTrue();
        (await TunnelBench.ReadAllAsync(turn)).ShouldBe("body");
        await turn.SendEndAsync(CancellationToken.None);
        (await bench.AskAsync(Inspect)).Body.ShouldBe("body");
    }

    [Fact]
    public async Task A_read_that_is_not_answered_at_once_is_said_to_have_arrived()
    {
        using var engine = new RawEngine(async connection => await connection.ReadToEndAsync());
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        var turn = await bench.BeginAsync(Inspect);

        await turn.Accepted.WaitAsync(TunnelBench.Patience);
        turn.Head.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_silent_engine_is_a_504()
    {
        using var engine = new RawEngine(async connection => await connection.ReadToEndAsync());
        await using var bench = await TunnelBench.OpenAsync(engine.Path, deadlines: RunningAgent.Short with { TunnelEngineHead = TimeSpan.FromMilliseconds(300) });

        (await bench.AskAsync(Inspect)).Head.Status.ShouldBe(504);
    }

    [Fact]
    public async Task While_the_server_still_sends_the_engine_owes_no_answer()
    {
        using var engine = new RawEngine(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.CountChunkedAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path, deadlines: RunningAgent.Short with { TunnelTransferHead = TimeSpan.FromMilliseconds(500) });
        var turn = await bench.BeginAsync(new LoadImages(false));
        for (var i = 0; i < 4; i++)
        {
            await turn.SendDataAsync("tar"u8.ToArray(), CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        }

        await turn.SendEndAsync(CancellationToken.None);
        (await TunnelBench.HeadAsync(turn)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_head_of_an_archive_is_passed_on_and_has_no_body()
    {
        using var engine = RawEngine.Answering("HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: eyJuYW1lIjoieCJ9\r\nContent-Length: 12\r\n\r\n");
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        var (head, body) = await bench.AskAsync(new StatArchive(Id, "/x"));

        head.PathStat.ShouldBe("eyJuYW1lIjoieCJ9");
        body.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_is_streamed_in_chunks_and_the_answer_may_come_before_its_end()
    {
        var rest = new TaskCompletionSource<string>();
        using var engine = new RawEngine(async connection =>
        {
            (await connection.ReadHeadAsync()).ShouldContain("Transfer-Encoding: chunked\r\n");
            var first = Encoding.Latin1.GetString(await connection.ReadAsync());
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n");
            while (!first.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                first += Encoding.Latin1.GetString(await connection.ReadAsync());
            }

            rest.SetResult(first);
            await connection.WriteAsync("4\r\nlate\r\n0\r\n\r\n");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(new LoadImages(true));
        await turn.SendDataAsync("one"u8.ToArray(), CancellationToken.None);

        (await TunnelBench.ReadAsync(turn)).ShouldBe("early");
        await turn.SendDataAsync("second"u8.ToArray(), CancellationToken.None);
        await turn.SendEndAsync(CancellationToken.None);

        (await TunnelBench.ReadAllAsync(turn)).ShouldBe("late");
        (await rest.Task).ShouldBe("3\r\none\r\n6\r\nsecond\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task An_engine_that_refuses_in_the_middle_of_a_body_is_heard_and_the_tunnel_lives_on()
    {
        using var engine = new RawEngine(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadAsync();
            await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\nConnection: close\r\n\r\nno tar");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(new PutArchive(Id, "/", false, false));
        await turn.SendDataAsync(new byte[10 * TunnelLimits.Window], CancellationToken.None).AsTask().WaitAsync(TunnelBench.Patience);
        await turn.SendEndAsync(CancellationToken.None);

        (await TunnelBench.HeadAsync(turn)).Status.ShouldBe(400);
        (await TunnelBench.ReadAllAsync(turn)).ShouldBe("no tar");
        (await bench.AskAsync(new PutArchive(Id, "/", false, false), "x")).Head.Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_taken_over_connection_carries_bytes_both_ways_and_half_closes()
    {
        var head = new TaskCompletionSource<string>();
        using var engine = new RawEngine(async connection =>
        {
            head.SetResult(await connection.ReadHeadAsync());
            await connection.WriteAsync("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nright behind");
            var input = await connection.ReadToEndAsync();
            await connection.WriteAsync($" got {input}");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(Attach);

        (await TunnelBench.HeadAsync(turn)).Status.ShouldBe(101);
        await turn.SendDataAsync("hello"u8.ToArray(), CancellationToken.None);
        await turn.SendEndAsync(CancellationToken.None);

        (await TunnelBench.ReadAllAsync(turn)).ShouldBe("right behind got hello");
        (await head.Task).ShouldContain("Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n");
        await turn.Ended.WaitAsync(TunnelBench.Patience);
    }

    [Fact]
    public async Task The_engines_end_arrives_while_the_input_is_still_open()
    {
        using var engine = RawEngine.Answering("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nbye");
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(Attach);

        (await TunnelBench.HeadAsync(turn)).Status.ShouldBe(101);
        (await TunnelBench.ReadAllAsync(turn)).ShouldBe("bye");
        turn.LocalEnded.ShouldBeFalse();
        await turn.SendEndAsync(CancellationToken.None);
        (await bench.AskAsync(Attach)).Head.Status.ShouldBe(101);
    }

    [Fact]
    public async Task The_start_of_an_exec_has_its_body_before_the_take_over()
    {
        var head = new TaskCompletionSource<string>();
        using var engine = new RawEngine(async connection =>
        {
            var text = await connection.ReadHeadAsync();
            head.SetResult(text + Encoding.Latin1.GetString(await connection.ReadAsync()));
            await connection.WriteAsync("HTTP/1.1 101 UPGRADED\r\n\r\n");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        await bench.AskAsync(new StartExec(Id, false, true));

        (await head.Task).ShouldEndWith("Content-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"Detach\":false,\"Tty\":true}");
    }

    [Fact]
    public async Task A_refusal_instead_of_a_take_over_is_an_ordinary_answer()
    {
        using var engine = RawEngine.Answering("HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{\"message\":\"is stopped\"}");
        await using var bench = await TunnelBench.OpenAsync(engine.Path);

        var (head, body) = await bench.AskAsync(Attach, "typed ahead");

        head.ShouldBe(new TunnelResponse(409, "application/json"));
        body.ShouldContain("is stopped");
    }

    [Fact]
    public async Task What_the_agent_refuses_never_reaches_the_engine()
    {
        using var engine = RawEngine.Answering("HTTP/1.1 200 OK\r\n\r\n");
        await using var bench = await TunnelBench.OpenAsync(engine.Path, new PolicyRules { NoExec = true });

        var (head, body) = await bench.AskAsync(new StartExec(Id, true, false));

        head.Status.ShouldBe(403);
        body.ShouldContain("forbids exec");
        engine.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reset_reaches_an_engine_that_takes_nothing()
    {
        var closed = new TaskCompletionSource();
        using var engine = new RawEngine(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 UPGRADED\r\n\r\n");

            // Reads nothing more: only the closing of the connection is waited for.
            await AgentClosedAsync(connection);
            closed.SetResult();
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(Attach);
        await TunnelBench.HeadAsync(turn);
        var writing = turn.SendDataAsync(new byte[20 * TunnelLimits.Window], CancellationToken.None).AsTask();
        writing.IsCompleted.ShouldBeFalse();

        await bench.Server.ResetAsync("", CancellationToken.None);

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(5));
        bench.Server.Abort();
        await Should.ThrowAsync<IOException>(() => writing.WaitAsync(TunnelBench.Patience));
    }

    [Fact]
    public async Task A_reset_reaches_the_engine_while_the_server_reads_nothing()
    {
        var closed = new TaskCompletionSource();
        var sent = 0L;
        using var engine = new RawEngine(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            try
            {
                var data = new byte[16 * 1024];
                while (true)
                {
                    await connection.WriteChunkAsync(data);
                    Interlocked.Add(ref sent, data.Length);
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                closed.SetResult();
            }
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(new ContainerLogs(Id, true, true, true, null, null, null, false));
        await TunnelBench.HeadAsync(turn);
        var before = -1L;
        while (before != Interlocked.Read(ref sent) || before == 0)
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        }

        // The window, one frame in the agent, and what the engine's socket holds.
        before.ShouldBeLessThan(TunnelLimits.Window + (1024 * 1024));

        await bench.Server.ResetAsync("", CancellationToken.None);

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_body_of_a_hundred_megabytes_flows_through_bounded_memory()
    {
        const int Megabytes = 120;
        using var engine = new RawEngine(async connection =>
        {
            await connection.ReadHeadAsync();
            var wire = await connection.CountChunkedAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: {wire}\r\nContent-Length: 0\r\n\r\n");
        });
        await using var bench = await TunnelBench.OpenAsync(engine.Path);
        var turn = await bench.BeginAsync(new LoadImages(false));
        var part = new byte[1024 * 1024];
        var most = 0L;
        for (var i = 0; i < Megabytes; i++)
        {
            await turn.SendDataAsync(part, CancellationToken.None).AsTask().WaitAsync(TunnelBench.Patience);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: i % 20 == 0));
        }

        await turn.SendEndAsync(CancellationToken.None);
        var head = await TunnelBench.HeadAsync(turn);

        long.Parse(head.PathStat!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(Megabytes * part.Length);
        most.ShouldBeLessThan(100L * 1024 * 1024);
    }

    private static async Task AgentClosedAsync(FakeEngineConnection connection)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                // Nothing is read of what was sent; a write shows whether the other end is there.
                await connection.WriteAsync("x");
            }
            catch (System.Net.Sockets.SocketException)
            {
                return;
            }
        }
    }
}
