using System.Globalization;
using ControlPlane.Ldap.Tests.Fakes;

namespace ControlPlane.Ldap.Tests.Hostile;

/// <summary>Pages, ranges of values and abandoned searches, as servers may play them.</summary>
public sealed class LongSearchTests
{
    private const int Members = 10_000;
    private const int RangeSize = 1500;

    [Fact]
    public async Task Pages_follow_the_cookie_and_the_page_size_is_asked_for()
    {
        var pages = new List<(int Size, string Cookie)?>();
        await using var server = new FakeDirectory(async connection =>
        {
            for (var page = 0; page < 3; page++)
            {
                var request = await connection.ReadAsync();
                pages.Add(request.Page());
                await connection.SendAsync(
                    Answer.Entry(request.Id, $"cn={page}"),
                    Answer.Result(request.Id, Answer.SearchDone, 0, cookie: page == 2 ? "" : $"cookie-{page}"));
            }

            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        var found = await connection.FindAsync(Search with { PageSize = 33 });

        found.Select(entry => entry.Dn).ShouldBe(["cn=0", "cn=1", "cn=2"]);
        pages.ShouldBe([(33, ""), (33, "cookie-0"), (33, "cookie-1")]);
    }

    [Fact]
    public async Task A_search_is_asked_as_it_was_given()
    {
        FakeRequest? asked = null;
        await using var server = new FakeDirectory(async connection =>
        {
            asked = await connection.ReadAsync();
            await connection.SendAsync(Answer.Result(asked.Id, Answer.SearchDone, 0));
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(new LdapSearch
        {
            BaseDn = "dc=ü", Scope = LdapScope.OneLevel, Filter = LdapFilter.Present("cn"), Attributes = ["cn", "mail"], PageSize = 0, SizeLimit = 300, TimeLimit = 12, TypesOnly = true,
        });

        var (baseDn, scope, sizeLimit, timeLimit, typesOnly, filter, attributes) = asked.ShouldNotBeNull().Search();
        (baseDn, scope, sizeLimit, timeLimit, typesOnly).ShouldBe(("dc=ü", 1, 300, 12, true));
        attributes.ShouldBe(["cn", "mail"]);
        filter.ShouldBe([0x87, 2, (byte)'c', (byte)'n']);
        asked.Controls.ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_gives_empty_pages_for_ever_is_stopped()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            while (true)
            {
                await connection.SendAsync(Answer.Result((await connection.ReadAsync()).Id, Answer.SearchDone, 0, cookie: "more"));
            }
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Search).ShouldFailAsync(LdapErrorKind.ProtocolError);
    }

    [Fact]
    public async Task A_group_of_ten_thousand_members_is_read_through_all_its_ranges()
    {
        await using var server = new FakeDirectory(ServeGroupAsync);
        await using var connection = await server.Plain.ConnectAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(Search with { Attributes = ["cn", "member"], Statistics = statistics });

        var group = found.Single(entry => entry.Dn == "cn=group");
        group.All("member").ShouldBe(Enumerable.Range(0, Members).Select(Member));
        group.First("cn").ShouldBe("group");
        group.Attributes.Count(attribute => attribute.Name == "member").ShouldBe(1);
        found.Count.ShouldBe(2);
        statistics.Entries.ShouldBe(2);
        statistics.Ranges.ShouldBe(6);
    }

    [Fact]
    public async Task More_values_than_allowed_end_the_search()
    {
        await using var server = new FakeDirectory(ServeGroupAsync);
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Search with { MaxValues = 4000 }).ShouldFailAsync(LdapErrorKind.SizeLimitExceeded);
    }

    [Fact]
    public async Task Ranges_that_stop_halfway_are_an_error_and_never_half_a_group()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            var first = await connection.ReadAsync();
            await connection.SendAsync(
                Answer.Entry(first.Id, "cn=group", ("member;range=0-1", ["a", "b"])), Answer.Result(first.Id, Answer.SearchDone, 0));
            var second = await connection.ReadAsync();
            await connection.SendAsync(Answer.Entry(second.Id, "cn=group"), Answer.Result(second.Id, Answer.SearchDone, 0));
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Search).ShouldFailAsync(LdapErrorKind.ServerError);
    }

    [Fact]
    public async Task Ranges_that_do_not_fit_together_are_an_error()
    {
        await using var server = new FakeDirectory(async connection =>
        {
            var first = await connection.ReadAsync();
            await connection.SendAsync(
                Answer.Entry(first.Id, "cn=group", ("member;range=0-1", ["a", "b"])), Answer.Result(first.Id, Answer.SearchDone, 0));
            var second = await connection.ReadAsync();
            await connection.SendAsync(
                Answer.Entry(second.Id, "cn=group", ("member;range=5-*", ["f"])), Answer.Result(second.Id, Answer.SearchDone, 0));
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await connection.FindAsync(Search).ShouldFailAsync(LdapErrorKind.ServerError);
    }

    [Fact]
    public async Task Leaving_early_abandons_the_search_and_what_still_comes_of_it_is_skipped()
    {
        var abandoned = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeDirectory(async connection =>
        {
            var search = await connection.ReadAsync();
            await connection.SendAsync(Answer.Entry(search.Id, "cn=1"), Answer.Entry(search.Id, "cn=2"));
            abandoned.SetResult((await connection.ReadAsync()).IsAbandon);
            await connection.SendAsync(Answer.Entry(search.Id, "cn=3"));
            var second = await connection.ReadAsync();
            await connection.SendAsync(Answer.Entry(search.Id, "cn=4"), Answer.Result(second.Id, Answer.Bind, 0));
            await connection.BeSilentAsync();
        });
        await using var connection = await server.Plain.ConnectAsync();

        await foreach (var entry in connection.SearchAsync(Search, Refusal.None))
        {
            entry.Dn.ShouldBe("cn=1");
            break;
        }

        (await abandoned.Task.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System)).ShouldBeTrue();
        await connection.BindAsync("cn=svc", "secret", Refusal.None);
        connection.BoundName.ShouldBe("cn=svc");
    }

    [Fact]
    public async Task A_reader_that_stops_holds_up_the_server_and_not_our_memory()
    {
        var sent = 0;
        await using var server = new FakeDirectory(async connection =>
        {
            var id = (await connection.ReadAsync()).Id;
            var entry = Answer.Entry(id, "cn=x", ("cn", [new string('x', 60_000)]));
            while (true)
            {
                await connection.SendAsync(entry);
                Interlocked.Increment(ref sent);
            }
        });
        await using var connection = await server.Plain.ConnectAsync();
        var entries = connection.SearchAsync(Search, Refusal.None).GetAsyncEnumerator(Refusal.None);
        (await entries.MoveNextAsync()).ShouldBeTrue();

        var last = -1;
        while (last != Volatile.Read(ref sent))
        {
            last = Volatile.Read(ref sent);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        // What fits into the socket buffers of both sides.
        last.ShouldBeLessThan(1000);
        await entries.DisposeAsync();
    }

    private static LdapSearch Search => new() { BaseDn = "dc=x" };

    private static string Member(int number) => string.Create(CultureInfo.InvariantCulture, $"cn=member{number},dc=x");

    /// <summary>As Active Directory does: an empty attribute beside its first range, and the rest by asking.</summary>
    private static async Task ServeGroupAsync(FakeConnection connection)
    {
        var first = await connection.ReadAsync();
        await connection.SendAsync(
            Answer.Entry(first.Id, "cn=group", ("cn", ["group"]), ("member", []), Range(0)),
            Answer.Entry(first.Id, "cn=other"),
            Answer.Result(first.Id, Answer.SearchDone, 0, cookie: ""));
        while (true)
        {
            var next = await connection.ReadAsync();
            if (!next.IsSearch)
            {
                return;
            }

            var (baseDn, scope, _, _, _, _, attributes) = next.Search();
            (baseDn, scope).ShouldBe(("cn=group", 0));
            var from = int.Parse(attributes.ShouldHaveSingleItem()["member;range=".Length..^2], CultureInfo.InvariantCulture);
            await connection.SendAsync(Answer.Entry(next.Id, "cn=group", Range(from)), Answer.Result(next.Id, Answer.SearchDone, 0));
        }
    }

    private static (string Name, string[] Values) Range(int from)
    {
        var to = Math.Min(from + RangeSize, Members);
        var end = to == Members ? "*" : (to - 1).ToString(CultureInfo.InvariantCulture);
        return (string.Create(CultureInfo.InvariantCulture, $"member;range={from}-{end}"), [.. Enumerable.Range(from, to - from).Select(Member)]);
    }
}
