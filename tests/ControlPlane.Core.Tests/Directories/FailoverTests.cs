using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Results;
using ControlPlane.Ldap;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>Servers that hang, refuse and come back, on a clock of the test's.</summary>
public sealed class FailoverTests
{
    private static readonly DirectorySettings Settings = new()
    {
        Enabled = true,
        Servers = [new DirectoryServer { Url = "ldaps://one" }, new DirectoryServer { Url = "ldaps://two" }],
        Searches = [new UserSearch { BaseDn = "ou=people,dc=test" }],
    };

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeDirectory _directory = new() { Answer = search => search.Filter.ToString().Contains("alice", StringComparison.Ordinal) ? [FakeDirectory.Person("alice", "k1")] : [] };

    [Theory]
    [InlineData(LdapErrorKind.Refused)]
    [InlineData(LdapErrorKind.CertificateUntrusted)]
    [InlineData(LdapErrorKind.CertificateNameMismatch)]
    [InlineData(LdapErrorKind.TimedOut)]
    public async Task The_second_server_stands_in_for_the_first(LdapErrorKind kind)
    {
        using var world = await WorldAsync();
        _directory.Opening["one"] = _ => throw LdapException.Of(kind, "broken");

        (await world.SignInAsync("alice", "pw")).Value.Subject.ShouldBe("k1");

        world.Log.ShouldContain("ldaps://one: broken");
        _directory.Asked.ShouldBe(["one", "two", "two"]);
    }

    [Fact]
    public async Task After_three_time_outs_a_server_is_left_alone_until_one_probe_finds_it_back()
    {
        using var world = await WorldAsync();
        _directory.Opening["one"] = FakeDirectory.TimeOutAsync;
        for (var i = 0; i < ServerCircuits.Threshold; i++)
        {
            (await world.SignInAsync("alice", "pw")).IsSuccess.ShouldBeTrue();
        }

        _directory.Asked.Clear();
        await world.SignInAsync("alice", "pw");
        _directory.Asked.ShouldBe(["two", "two"]);

        _clock.Advance(ServerCircuits.Pause);
        _directory.Asked.Clear();
        await world.SignInAsync("alice", "pw");
        _directory.Asked.ShouldBe(["one", "two", "two"]);

        _clock.Advance(ServerCircuits.Pause);
        _directory.Opening.TryRemove("one", out _);
        _directory.Asked.Clear();
        await world.SignInAsync("alice", "pw");
        await world.SignInAsync("alice", "pw");
        _directory.Asked.ShouldBe(["one", "one", "one", "one"]);
    }

    [Fact]
    public void Only_one_probe_is_let_through_at_a_time()
    {
        var circuits = new ServerCircuits(_clock);
        for (var i = 0; i < ServerCircuits.Threshold; i++)
        {
            circuits.TryEnter("a").ShouldBeTrue();
            circuits.TimedOut("a");
        }

        circuits.TryEnter("a").ShouldBeFalse();
        circuits.TryEnter("b").ShouldBeTrue();
        _clock.Advance(ServerCircuits.Pause);

        Enumerable.Range(0, 20).Count(_ => circuits.TryEnter("a")).ShouldBe(1);
        circuits.Succeeded("a");
        circuits.TryEnter("a").ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_with_a_wrong_password_is_not_tried_at_every_server()
    {
        using var world = await WorldAsync(Settings with
        {
            Servers = [.. Settings.Servers.Select(server => server with { ReaderDn = "cn=reader,dc=test", ReaderPassword = "old" })],
        });
        _directory.Refusal = (_, _) => LdapException.OfResult(49, "no");

        (await world.SignInAsync("alice", "pw")).Error.ShouldBeOfType<UnavailableError>();

        _directory.Asked.ShouldBe(["one"]);
    }

    [Fact]
    public async Task Everything_together_ends_at_the_deadline_also_for_those_who_wait_for_others()
    {
        using var world = await WorldAsync(Settings with { MaxParallelSignIns = 2, SignInTimeoutSeconds = 5 });
        _directory.Opening["one"] = FakeDirectory.HangAsync;
        _directory.Opening["two"] = FakeDirectory.HangAsync;

        var attempts = Enumerable.Range(0, 50).Select(_ => world.SignInAsync("alice", "pw")).ToList();
        _directory.Asked.Count.ShouldBe(2);
        attempts.ShouldAllBe(attempt => !attempt.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var results = await Task.WhenAll(attempts).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        results.ShouldAllBe(result => result.Error is UnavailableError);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("pw\0")]
    [InlineData("\t")]
    public async Task An_implausible_password_never_reaches_the_network(string password)
    {
        using var world = await WorldAsync();

        (await world.SignInAsync("alice", password)).Error.ShouldBeOfType<UnauthenticatedError>();

        _directory.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("al\0ice")]
    [InlineData("alice\n")]
    public async Task An_implausible_name_never_reaches_the_network(string name)
    {
        using var world = await WorldAsync();

        (await world.SignInAsync(name, "pw")).Error.ShouldBeOfType<UnauthenticatedError>();

        _directory.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_somebody_types_is_a_value_of_the_filter_and_never_a_part_of_it()
    {
        using var world = await WorldAsync(Settings with { SignInAttributes = ["uid", "mail"] });
        var filters = new List<string>();
        _directory.Answer = search =>
        {
            filters.Add(search.Filter.ToString());
            return [];
        };

        await world.SignInAsync("a*)(uid=*))(|(uid=\\", "pw");

        filters.ShouldHaveSingleItem().ShouldBe(@"(|(uid=a\2a\29\28uid=\2a\29\29\28|\28uid=\5c)(mail=a\2a\29\28uid=\2a\29\29\28|\28uid=\5c))");
    }

    [Theory]
    [InlineData("userAccountControl", "514")]
    [InlineData("nsAccountLock", "TRUE")]
    [InlineData("pwdAccountLockedTime", "000001010000Z")]
    [InlineData("accountExpires", "125000000000000000")]
    public async Task Who_is_disabled_in_the_directory_is_refused_like_anybody_and_the_log_says_why(string attribute, string value)
    {
        using var world = await WorldAsync();
        _directory.Answer = _ => [FakeDirectory.Person("alice", "k1", (attribute, value))];

        var refused = await world.SignInAsync("alice", "pw");

        refused.Error.ShouldBe((await world.SignInAsync("alice", "")).Error);
        world.Log.ShouldContain(attribute);
    }

    [Fact]
    public async Task Somebody_without_a_key_is_not_let_in()
    {
        using var world = await WorldAsync();
        _directory.Answer = _ => [new LdapEntry("uid=alice,dc=test", [new LdapAttribute("uid", ["alice"u8.ToArray()])])];

        (await world.SignInAsync("alice", "pw")).Error.ShouldBeOfType<UnauthenticatedError>();

        world.Log.ShouldContain("has no objectGUID or entryUUID");
        _directory.Bound.ShouldBeEmpty();
    }

    private async Task<DirectoryWorld> WorldAsync(DirectorySettings? settings = null)
    {
        var world = await DirectoryWorld.CreateAsync(_directory, _clock);
        await world.PutAsync(settings ?? Settings);
        return world;
    }
}
