using System.Text;
using ControlPlane.Ldap.Tests.Fakes;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.Hostile;

public sealed class FakeServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(400);

    [Fact]
    public async Task Not_one_byte_of_a_password_goes_over_a_plain_connection()
    {
        await using var server = new FakeDirectory(connection => connection.BeSilentAsync());
        await using (var connection = await (server.Plain with { AllowPlainPasswords = false }).ConnectAsync())
        {
            await connection.BindAsync("cn=svc", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.PlainPasswordRefused);
            await connection.BindAsync("cn=svc", "", Refusal.None).ShouldFailAsync(LdapErrorKind.EmptyPassword);

            server.Received.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(LdapSecurity.Tls)]
    [InlineData(LdapSecurity.StartTls)]
    public async Task A_silent_server_ends_the_connect_at_the_deadline(LdapSecurity security)
    {
        await using var server = new FakeDirectory(connection => connection.HangAsync());

        await ((Func<Task>)(() => (server.Plain with { Security = security, ConnectTimeout = Limit }).ConnectAsync())).ShouldTimeOutAsync(Limit);
    }

    [Fact]
    public async Task A_server_that_consents_to_tls_and_then_hangs_ends_at_the_deadline()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            await connection.SendAsync(Answer.Result((await connection.ReadAsync()).Id, Answer.Extended, 0));
            await connection.HangAsync();
        });

        await ((Func<Task>)(() => (server.Plain with { Security = LdapSecurity.StartTls, ConnectTimeout = Limit }).ConnectAsync())).ShouldTimeOutAsync(Limit);
    }

    [Fact]
    public async Task A_refused_StartTls_is_never_a_plain_connection()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            await connection.SendAsync(Answer.Result((await connection.ReadAsync()).Id, Answer.Extended, 52, "no TLS here"));
            await connection.BeSilentAsync();
        });

        var failure = await (server.Plain with { Security = LdapSecurity.StartTls }).ConnectAsync().ShouldFailAsync(LdapErrorKind.TlsFailed);

        failure.ResultCode.ShouldBe(52);
        failure.Diagnostic.ShouldBe("no TLS here");
        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_slipped_in_behind_the_consent_to_tls_is_refused()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            var id = (await connection.ReadAsync()).Id;
            await connection.SendAsync(Answer.Result(id, Answer.Extended, 0), Answer.Result(2, Answer.Bind, 0));
            await connection.BeSilentAsync();
        });

        await (server.Plain with { Security = LdapSecurity.StartTls }).ConnectAsync().ShouldFailAsync(LdapErrorKind.ProtocolError);
    }

    [Fact]
    public async Task An_expired_certificate_is_told_as_such()
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue(["127.0.0.1"], expiresInDays: -2);
        using var pem = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(certificate, key);
        await using var server = new FakeDirectory(connection => connection.StartTlsAsync(pem));

        await (server.Plain with { Security = LdapSecurity.Tls, TrustedCertificates = authority.Trusted }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateExpired);
    }

    [Fact]
    public async Task A_search_over_a_wire_that_drips_ends_at_the_deadline_of_one_message()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            var id = (await connection.ReadAsync()).Id;
            foreach (var octet in Answer.Entry(id, "cn=x"))
            {
                await connection.SendAsync([octet]);
                await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System);
            }
        });
        await using var connection = await (server.Plain with { OperationTimeout = Limit }).ConnectAsync();

        await ((Func<Task>)(() => connection.FindAsync(Anything))).ShouldTimeOutAsync(Limit);
    }

    [Fact]
    public async Task Messages_in_any_slices_are_put_together()
    {
        await using var server = Searching(async (connection, id) =>
        {
            byte[] all = [.. Answer.Entry(id, "cn=one", ("cn", ["one"])), .. Answer.Entry(id, "cn=two", ("cn", [new string('x', 70_000)])), .. Answer.Result(id, Answer.SearchDone, 0)];
            foreach (var slice in all.Chunk(977))
            {
                await connection.SendAsync(slice);
            }
        });
        await using var connection = await server.Plain.ConnectAsync();

        var found = await connection.FindAsync(Anything);

        found.Select(entry => entry.Dn).ShouldBe(["cn=one", "cn=two"]);
        found[1].First("cn")!.Length.ShouldBe(70_000);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002\u0016")]
    [InlineData("0\u0002\u0002\u0001")]
    [InlineData("0\u0005\u0002\u0001\u0002a\0")]
    [InlineData("0\u0003\u0002\u0001\u0002")]
    public async Task Garbage_is_a_protocol_error_and_breaks_the_connection(string garbage)
    {
        await using var server = new FakeDirectory(async connection =>
        {
            await connection.ReadAsync();
            await connection.SendAsync(Encoding.Latin1.GetBytes(garbage));
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.BindAsync("cn=svc", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.ProtocolError);

        connection.IsUsable.ShouldBeFalse();
        await connection.BindAsync("cn=svc", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 5 })]
    [InlineData(new byte[] { 0x30, 0x80, 0x02, 0x01, 0x02, 0x00, 0x00 })]
    public async Task A_length_that_is_too_large_or_indefinite_is_refused_at_once(byte[] header)
    {
        await using var server = new FakeDirectory(async connection =>
        {
            await connection.ReadAsync();
            await connection.SendAsync(header);
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.BindAsync("cn=svc", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.ProtocolError);
    }

    [Fact]
    public async Task A_length_that_lies_costs_no_memory()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            await connection.ReadAsync();
            await connection.SendAsync([0x30, 0x84, 0x00, 0xFF, 0xFF, 0x00, 1, 2, 3]);
            await connection.BeSilentAsync();
        });
        const int Connections = 40;
        var connections = new List<LdapConnection>();
        for (var i = 0; i < Connections; i++)
        {
            connections.Add(await server.Plain.ConnectAsync());
        }

        var binds = connections.Select(connection => connection.BindAsync("cn=svc", "secret", Refusal.None)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);

        // Taken at its word, each would hold 16 MB: 640 MB in all. Other tests run beside this one.
        GC.GetTotalMemory(forceFullCollection: true).ShouldBeLessThan(300L * 1024 * 1024);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        foreach (var bind in binds)
        {
            await bind.ShouldFailAsync(LdapErrorKind.ConnectionClosed);
        }
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(Answer.Entry(id, "cn=x", ("cn", [new string('x', 5000)]))));
        await using var connection = await (server.Plain with { MaxMessageBytes = 4096 }).ConnectAsync();

        await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ProtocolError);
    }

    [Fact]
    public async Task An_answer_to_nobodys_question_is_a_protocol_error()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(Answer.Result(id + 7, Answer.SearchDone, 0)));
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ProtocolError);

        connection.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_of_another_kind_is_a_protocol_error()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(Answer.Result(id, Answer.Bind, 0)));
        await using var connection = await server.Plain.ConnectAsync();
        await using var second = await server.Plain.ConnectAsync();

        await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ProtocolError);
        connection.IsUsable.ShouldBeFalse();

        await second.ExtendedAsync("1.2.3", null, Refusal.None).ShouldFailAsync(LdapErrorKind.ProtocolError);
        second.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_bind_is_not_answered_by_an_entry()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(Answer.Entry(id, "cn=x")));
        await using var connection = await server.Plain.ConnectAsync();

        await connection.BindAsync("cn=svc", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.ProtocolError);

        connection.BoundName.ShouldBeNull();
    }

    [Fact]
    public async Task A_notice_of_disconnection_ends_the_connection_with_its_reason()
    {
        await using var server = Searching((connection, _) => connection.SendAsync(Answer.Disconnection()));
        await using var connection = await server.Plain.ConnectAsync();

        var failure = await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ConnectionClosed);

        failure.ResultCode.ShouldBe(52);
        failure.Diagnostic.ShouldBe("shutting down");
        connection.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public async Task Other_notices_and_intermediate_responses_are_skipped()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(
            Answer.Result(0, Answer.Extended, 0, "", "1.2.3.4"), Answer.Intermediate(id), Answer.Entry(id, "cn=x"), Answer.Reference(id, "ldap://elsewhere"),
            Answer.Result(id, Answer.SearchDone, 0)));
        await using var connection = await server.Plain.ConnectAsync();
        var statistics = new LdapSearchStatistics();

        (await connection.FindAsync(Anything with { Statistics = statistics })).ShouldHaveSingleItem();

        statistics.References.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_closes_in_the_middle_is_told_as_such()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            var id = (await connection.ReadAsync()).Id;
            await connection.SendAsync(Answer.Entry(id, "cn=x")[..5]);
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
    }

    [Fact]
    public async Task A_diagnostic_text_cannot_forge_a_line_of_the_log()
    {
        await using var server = Searching((connection, id) => connection.SendAsync(Answer.Result(id, Answer.SearchDone, 80, "a\r\n\u001b[2Jb" + new string('c', 5000))));
        await using var connection = await server.Plain.ConnectAsync();

        var failure = await connection.FindAsync(Anything).ShouldFailAsync(LdapErrorKind.ServerError);

        failure.Diagnostic!.Length.ShouldBe(1000);
        failure.Diagnostic.ShouldStartWith("a   [2Jb");
        failure.Diagnostic.Any(char.IsControl).ShouldBeFalse();
        failure.Message.ShouldNotContain("[2J");
    }

    [Fact]
    public async Task Disposing_says_goodbye()
    {
        var goodbye = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeDirectory(async connection => goodbye.SetResult((await connection.ReadAsync()).IsUnbind));

        await (await server.Plain.ConnectAsync()).DisposeAsync();

        (await goodbye.Task.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_disposed_connection_is_a_misuse()
    {
        await using var server = new FakeDirectory(connection => connection.BeSilentAsync());
        var connection = await server.Plain.ConnectAsync();
        await connection.DisposeAsync();
        await connection.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => connection.FindAsync(Anything));
        connection.IsUsable.ShouldBeFalse();
    }

    private static LdapSearch Anything => new() { BaseDn = "dc=x", PageSize = 0 };

    /// <summary>Answers the first request, then listens.</summary>
    private static FakeDirectory Searching(Func<FakeConnection, int, Task> answer) => new(async connection =>
    {
        await answer(connection, (await connection.ReadAsync()).Id);
        await connection.BeSilentAsync();
    });
}
