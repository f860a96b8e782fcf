using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Requests whose framing lies: refused, or read in exactly one way; what follows them is never taken for a request.</summary>
public sealed class DoorFramingTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    private const string Create = "POST /v1.41/containers/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private const string Smuggled = "GET /v1.41/version HTTP/1.1\r\nHost: localhost\r\n\r\n";

    public static TheoryData<string, string> Malformed => new()
    {
        { "two hosts", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n" },
        { "no host", "GET /v1.41/info HTTP/1.1\r\n\r\n" },
        { "a host with a path", "GET /v1.41/info HTTP/1.1\r\nHost: local host/x\r\n\r\n" },
        { "two different lengths", Create + "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + Smuggled },
        { "a list of lengths", Create + "Content-Length: 2, 40\r\n\r\n{}" + Smuggled },
        { "a negative length", Create + "Content-Length: -1\r\n\r\n{}" },
        { "a signed length", Create + "Content-Length: +2\r\n\r\n{}" },
        { "a length in hex", Create + "Content-Length: 0x2\r\n\r\n{}" },
        { "a length with an exponent", Create + "Content-Length: 1e1\r\n\r\n{}" },
        { "a length that no number holds", Create + "Content-Length: 99999999999999999999999\r\n\r\n{}" },
        { "an unknown coding", Create + "Transfer-Encoding: gzip\r\n\r\n{}" },
        { "chunked twice", Create + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + Smuggled },
        { "chunked, but not last", Create + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + Smuggled },
        { "no chunk size", Create + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" },
        { "a negative chunk", Create + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" },
        { "a chunk too large for a number", Create + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n" },
        { "a chunk longer than it says", Create + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n" },
        { "a space before the colon", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A : b\r\n\r\n" },
        { "a folded header", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n" },
        { "a header without a colon", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A\r\n\r\n" },
        { "NUL in a header", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A: b\0c\r\n\r\n" },
        { "a lone CR", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A: b\rX-B: c\r\n\r\n" },
        { "no version", "GET /v1.41/info\r\n\r\n" },
        { "a version to come", "GET /v1.41/info HTTP/1.9\r\nHost: localhost\r\n\r\n" },
        { "HTTP/2 by surprise", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { "two spaces", "GET  /v1.41/info HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "control characters", "GET /v1.41/\x01info HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "bytes of no text", "GET /v1.41/\xc5\xbfinfo HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "not HTTP", "\x16\x03\x01\x02\x00 hello\r\n\r\n" },
        { "too many headers", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: y\r\n"))) + "\r\n" },
        { "too large a header", "GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nX-A: " + new string('a', 100_000) + "\r\n\r\n" },
        { "too long a target", "GET /v1.41/" + new string('a', 20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "too long a path", "GET /v1.41/" + new string('a', 3000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n" },
    };

    [Theory, MemberData(nameof(Malformed))]
    public async Task A_malformed_request_is_refused_and_nothing_after_it_is_answered(string what, string request)
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.TrySendAsync(request);
        var answer = await connection.ReadAsync();

        if (answer is not null)
        {
            answer.Status.ShouldBeOneOf([400, 404, 413, 414, 431, 505], what);
            (await connection.ReadSoonAsync())?.Status.ShouldBe(400, what);
        }
    }

    [Fact]
    public async Task With_length_and_chunks_nothing_is_left_over_to_be_a_request()
    {
        await using var connection = await world.CertificateDoorAsync();
        // A reader of lengths sees one body; a reader of chunks sees an end at once, and the rest would be a request.
        var hidden = "0\r\n\r\n" + Smuggled;
        await connection.SendAsync(Create + $"Content-Length: {hidden.Length}\r\nTransfer-Encoding: chunked\r\n\r\n{hidden}");

        (await connection.ReadAsync())!.Status.ShouldBe(400);
        var second = await connection.ReadSoonAsync();
        (second is null || second.Status >= 400).ShouldBeTrue("what stood in the body was answered");
    }

    [Theory]
    [InlineData(2L * 1024 * 1024)]
    [InlineData(1L * 1024 * 1024 * 1024 * 1024)]
    public async Task A_body_that_is_said_to_be_too_large_is_refused_before_it_comes(long length)
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.SendAsync(Create + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n\r\n{{"));

        var answer = (await connection.ReadAsync())!;
        answer.ShouldBeRefused(400, 413);
    }

    [Fact]
    public async Task A_body_in_chunks_is_cut_off_at_the_limit()
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.SendAsync(Create + "Transfer-Encoding: chunked\r\n\r\n");
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
        var sent = 0L;
        try
        {
            for (; sent < 64L * 1024 * 1024; sent += chunk.Length)
            {
                await connection.SendAsync(chunk);
            }
        }
        catch (IOException)
        {
            // Hung up on, which is what this is about.
        }

        (await connection.ReadAsync())?.ShouldBeRefused(400, 413);
        sent.ShouldBeLessThan(32L * 1024 * 1024);
    }

    [Fact]
    public async Task A_body_shorter_than_it_was_said_to_be_does_nothing()
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.SendAsync(Create + "Content-Length: 100\r\n\r\n{\"Image\":\"own-image:1\"}");

        // Too slow for a body: Kestrel gives five seconds' grace.
        var answer = await connection.ReadAsync();
        answer?.Status.ShouldBeOneOf(400, 408);
    }

    [Fact]
    public async Task Who_drips_headers_is_hung_up_on()
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.SendAsync("GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\n");
        var dripping = DripAsync(connection);

        (await connection.EndsAsync(TimeSpan.FromSeconds(25))).ShouldBeTrue();
        await dripping;
    }

    [Fact]
    public async Task Who_says_nothing_after_the_handshake_is_hung_up_on_some_time_and_others_are_served_meanwhile()
    {
        var silent = new List<RawConnection>();
        for (var i = 0; i < 50; i++)
        {
            silent.Add(await world.CertificateDoorAsync());
        }

        (await world.AskAsync(world.Request("GET", "/v1.41/info")))!.Status.ShouldBe(200);
        foreach (var connection in silent)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_requests_in_one_piece_are_two_answers()
    {
        await using var connection = await world.CertificateDoorAsync();
        await connection.SendAsync(world.Request("GET", "/v1.41/version") + world.Request("GET", "/v1.41/nonsense"));

        (await connection.ReadAsync())!.Status.ShouldBe(200);
        (await connection.ReadAsync())!.Message.ShouldContain("/nonsense");
    }

    private static async Task DripAsync(RawConnection connection)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync())
            {
                await connection.SendAsync("X-A: b\r\n");
            }
        }
        catch (IOException)
        {
            // Hung up on.
        }
    }
}
