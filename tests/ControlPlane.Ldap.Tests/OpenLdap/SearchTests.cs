using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.OpenLdap;

[Collection(nameof(OpenLdapCollection))]
public sealed class SearchTests(OpenLdapFixture directory)
{
    private const int People = OpenLdapFixture.Users + 7;

    [Theory]
    [InlineData("alice", "Alice Archer")]
    [InlineData("o*neil", "Star O*Neil")]
    [InlineData("weird\\back", "Back Slash")]
    [InlineData("d,ave", "Dave Comma")]
    [InlineData("jürg", "Jürg Ümlaut")]
    public async Task A_name_is_found_whatever_is_in_it(string uid, string name)
    {
        await using var connection = await directory.OpenAsync();

        var found = (await connection.FindAsync(Search(LdapFilter.Equal("uid", uid)))).ShouldHaveSingleItem();

        found.First("uid").ShouldBe(uid);
        found.First("CN").ShouldBe(name);
        DistinguishedName.Parse(found.Dn).ShouldBe(DistinguishedName.Parse(OpenLdapServer.PeopleDn).Child("uid", uid));
    }

    [Fact]
    public async Task Parentheses_in_a_value_are_a_value()
    {
        await using var connection = await directory.OpenAsync();

        (await connection.FindAsync(Search(LdapFilter.Equal("cn", "Carol (Ops) Cole")))).ShouldHaveSingleItem().First("uid").ShouldBe("carol");
        (await connection.FindAsync(Search(LdapFilter.Contains("cn", "(Ops)")))).ShouldHaveSingleItem().First("uid").ShouldBe("carol");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("a*")]
    [InlineData("alice)(uid=*")]
    [InlineData("*)(objectClass=*")]
    [InlineData("alice)(|(uid=*")]
    [InlineData("\\2a")]
    public async Task What_somebody_types_is_never_filter_text(string typed)
    {
        await using var connection = await directory.OpenAsync();

        (await connection.FindAsync(Search(LdapFilter.And(LdapFilter.Equal("objectClass", "inetOrgPerson"), LdapFilter.Equal("uid", typed))))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_go_beyond_the_servers_size_limit()
    {
        await using var connection = await directory.OpenAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(Everybody() with { PageSize = 250, Statistics = statistics });

        found.Count.ShouldBe(People);
        found.Select(entry => entry.Dn).Distinct(StringComparer.Ordinal).Count().ShouldBe(People);
        statistics.Entries.ShouldBe(People);
        statistics.Pages.ShouldBe(5);
        connection.IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task Without_pages_the_servers_size_limit_is_an_error_after_what_came()
    {
        await using var connection = await directory.OpenAsync();
        var found = new List<LdapEntry>();

        var failure = await Collect(connection, Everybody() with { PageSize = 0 }, found).ShouldFailAsync(LdapErrorKind.SizeLimitExceeded);

        failure.ResultCode.ShouldBe(4);
        found.Count.ShouldBe(500);
        connection.IsUsable.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(7)]
    public async Task Our_own_size_limit_holds_with_and_without_pages(int pageSize)
    {
        await using var connection = await directory.OpenAsync();
        var found = new List<LdapEntry>();

        await Collect(connection, Everybody() with { PageSize = pageSize, SizeLimit = 20 }, found).ShouldFailAsync(LdapErrorKind.SizeLimitExceeded);

        found.Count.ShouldBe(20);
        (await connection.FindAsync(Search(LdapFilter.Equal("uid", "alice")))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Exactly_as_many_as_the_limit_is_no_error()
    {
        await using var connection = await directory.OpenAsync();

        (await connection.FindAsync(Search(LdapFilter.Equal("uid", "alice")) with { SizeLimit = 1 })).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Leaving_a_search_early_keeps_the_connection()
    {
        await using var connection = await directory.OpenAsync();

        foreach (var pageSize in (int[])[0, 50, 500])
        {
            await foreach (var entry in connection.SearchAsync(Everybody() with { PageSize = pageSize }, Refusal.None))
            {
                entry.Dn.ShouldNotBeEmpty();
                break;
            }

            connection.IsUsable.ShouldBeTrue();
            (await connection.FindAsync(Search(LdapFilter.Equal("uid", "bob")))).ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task A_second_operation_during_a_search_is_a_misuse_and_harms_nothing()
    {
        await using var connection = await directory.OpenAsync();
        var count = 0;

        await foreach (var _ in connection.SearchAsync(Everybody(), Refusal.None))
        {
            if (count++ == 10)
            {
                await Should.ThrowAsync<InvalidOperationException>(() => connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None));
            }
        }

        count.ShouldBe(People);
        connection.BoundName.ShouldBe(OpenLdapServer.ServiceDn);
    }

    [Fact]
    public async Task Groups_show_their_members_and_people_their_direct_groups_only()
    {
        await using var connection = await directory.OpenAsync();

        var nested = (await connection.FindAsync(Groups(LdapFilter.Equal("cn", "all (nested)")))).ShouldHaveSingleItem();
        nested.All("member").ShouldBe([OpenLdapServer.Group("devs")]);

        var alice = (await connection.FindAsync(Search(LdapFilter.Equal("uid", "alice")) with { Attributes = ["memberOf"] })).ShouldHaveSingleItem();
        alice.All("memberOf").ShouldBe([OpenLdapServer.Group("ops")]);
        alice.Has("uid").ShouldBeFalse();

        var ring = (await connection.FindAsync(Groups(LdapFilter.Equal("member", OpenLdapServer.Group("ring-b"))))).ShouldHaveSingleItem();
        ring.First("cn").ShouldBe("ring-a");
    }

    [Fact]
    public async Task A_group_of_many_members_is_complete()
    {
        await using var connection = await directory.OpenAsync();

        var everyone = (await connection.FindAsync(Groups(LdapFilter.Equal("cn", "everyone")))).ShouldHaveSingleItem();

        everyone.All("member").Count.ShouldBe(OpenLdapFixture.Users);
    }

    [Fact]
    public async Task References_are_counted_and_not_followed()
    {
        await using var connection = await directory.OpenAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(new LdapSearch
        {
            BaseDn = OpenLdapServer.BaseDn, Filter = LdapFilter.Equal("objectClass", "organizationalUnit"), Statistics = statistics,
        });

        found.Count.ShouldBe(4);
        statistics.References.ShouldBe(1);
        directory.Server.ReferralWasFollowed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_referral_instead_of_a_result_is_an_error_of_its_own()
    {
        await using var connection = await directory.OpenAsync();

        var failure = await connection.FindAsync(new LdapSearch { BaseDn = $"ou=remote,ou=away,{OpenLdapServer.BaseDn}" }).ShouldFailAsync(LdapErrorKind.Referral);

        failure.ResultCode.ShouldBe(10);
        directory.Server.ReferralWasFollowed.ShouldBeFalse();
        connection.IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_base_that_is_not_there_is_told_as_such()
    {
        await using var connection = await directory.OpenAsync();

        await connection.FindAsync(new LdapSearch { BaseDn = $"ou=nowhere,{OpenLdapServer.BaseDn}" }).ShouldFailAsync(LdapErrorKind.NoSuchObject);
    }

    [Theory]
    [InlineData(LdapScope.Base, 1)]
    [InlineData(LdapScope.OneLevel, People)]
    [InlineData(LdapScope.Subtree, People + 1)]
    public async Task A_scope_is_kept(LdapScope scope, int expected)
    {
        await using var connection = await directory.OpenAsync();

        (await connection.FindAsync(new LdapSearch { BaseDn = OpenLdapServer.PeopleDn, Scope = scope, Attributes = ["1.1"] })).Count.ShouldBe(expected);
    }

    [Fact]
    public async Task Types_alone_come_without_values()
    {
        await using var connection = await directory.OpenAsync();

        var alice = (await connection.FindAsync(Search(LdapFilter.Equal("uid", "alice")) with { TypesOnly = true })).ShouldHaveSingleItem();

        alice.Attributes.ShouldContain(attribute => attribute.Name == "mail");
        alice.Has("mail").ShouldBeFalse();
    }

    [Fact]
    public async Task An_operational_attribute_is_there_when_asked_for()
    {
        await using var connection = await directory.OpenAsync();

        var alice = (await connection.FindAsync(Search(LdapFilter.Equal("uid", "alice")) with { Attributes = ["entryUUID"] })).ShouldHaveSingleItem();

        Guid.TryParse(alice.First("entryuuid"), out _).ShouldBeTrue();
        (await connection.FindAsync(Search(LdapFilter.Equal("entryUUID", alice.First("entryUUID")!)))).ShouldHaveSingleItem().Dn.ShouldBe(alice.Dn);
    }

    [Fact]
    public async Task Every_kind_of_filter_means_to_the_server_what_it_says()
    {
        await using var connection = await directory.OpenAsync();
        (string Filter, string[] Uids)[] cases =
        [
            ("(&(uid=user0000*)(!(uid=user00003)))", ["user00000", "user00001", "user00002", "user00004", "user00005", "user00006", "user00007", "user00008", "user00009"]),
            ("(|(uid=alice)(uid=bob))", ["alice", "bob"]),
            ("(uid=*l*ce)", ["alice"]),
            ("(uid=a*l*ce)", ["alice"]),
            ("(cn:caseExactMatch:=Alice Archer)", ["alice"]),
            ("(cn:caseExactMatch:=alice archer)", []),
            ("(uid:dn:=carol)", ["carol"]),
            ("(cn~=Alice Archer)", ["alice"]),
            ("(&(uid=alice)(&))", ["alice"]),
            ("(&(uid=alice)(|))", []),
            ("(uid=j\\c3\\bcrg)", ["jürg"]),
            ("(mail=dave@*)", ["d,ave"]),
        ];
        foreach (var (filter, uids) in cases)
        {
            var found = await connection.FindAsync(Search(LdapFilter.Parse(filter)));

            found.Select(entry => entry.First("uid")!).Order(StringComparer.Ordinal).ShouldBe(uids.Order(StringComparer.Ordinal), filter);
        }
    }

    [Fact]
    public async Task A_search_ahead_of_its_enumeration_sends_nothing()
    {
        await using var connection = await directory.OpenAsync();

        var search = connection.SearchAsync(Everybody(), Refusal.None);

        (await connection.FindAsync(Search(LdapFilter.Equal("uid", "bob")))).ShouldHaveSingleItem();
        (await search.ToListAsync()).Count.ShouldBe(People);
    }

    private static LdapSearch Search(LdapFilter filter) => new() { BaseDn = OpenLdapServer.PeopleDn, Filter = filter };

    private static LdapSearch Everybody() => Search(LdapFilter.Equal("objectClass", "inetOrgPerson")) with { Attributes = ["uid"] };

    private static LdapSearch Groups(LdapFilter filter) => new() { BaseDn = OpenLdapServer.GroupsDn, Filter = filter };

    private static async Task Collect(LdapConnection connection, LdapSearch search, List<LdapEntry> found)
    {
        await foreach (var entry in connection.SearchAsync(search, Refusal.None))
        {
            found.Add(entry);
        }
    }
}
