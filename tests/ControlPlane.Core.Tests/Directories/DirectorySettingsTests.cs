using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.Ldap;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Directories;

public sealed class DirectorySettingsTests
{
    private const string Canary = "c4n4ry-reader-password";

    private static readonly DirectoryServer Server = new() { Url = "ldaps://dir.example.test", ReaderDn = "cn=reader,dc=test", ReaderPassword = Canary };

    private static readonly DirectorySettings Valid = new()
    {
        Enabled = true,
        Servers = [Server],
        Searches = [new UserSearch { BaseDn = "ou=people,dc=test" }],
    };

    [Theory, DatabaseData]
    public async Task A_password_is_kept_wrapped_and_never_given_back(DatabaseKind kind)
    {
        using var world = await DirectoryWorld.CreateAsync(kind: kind);

        await world.PutAsync(Valid);

        var view = world.Settings.Get(ContainerWorld.Admin).Value;
        view.Servers[0].ReaderPasswordSet.ShouldBeTrue();
        view.Servers[0].ReaderPassword.ShouldBeNull();
        System.Text.Json.JsonSerializer.Serialize(view).ShouldNotContain(Canary);
        $"{view} {Server} {Valid}".ShouldNotContain(Canary);
        (await world.EverythingWrittenAsync()).ShouldNotContain(Canary);
        world.Settings.Current.PasswordOf(view.Servers[0]).ShouldBe(Canary);
    }

    [Theory, DatabaseData]
    public async Task The_next_start_knows_them(DatabaseKind kind)
    {
        using var world = await DirectoryWorld.CreateAsync(kind: kind);
        await world.PutAsync(Valid);
        var before = world.Settings.Current;

        await world.Settings.LoadAsync(default);

        world.Settings.Current.PasswordOf(Server).ShouldBe(Canary);
        world.Settings.Current.Revision.ShouldBe(before.Revision);
    }

    [Fact]
    public async Task A_kept_password_goes_only_where_it_was_given_for()
    {
        using var world = await DirectoryWorld.CreateAsync();
        await world.PutAsync(Valid);
        var same = Server with { ReaderPassword = null };

        await world.PutAsync(Valid with { Servers = [same with { NoSimplePagination = true, Url = "LDAPS://DIR.example.test/" }] });
        world.Settings.Current.PasswordOf(Server).ShouldBe(Canary);

        foreach (var foreign in new[]
        {
            same with { Url = "ldaps://attacker.example.test" }, same with { Url = "ldaps://dir.example.test:6636" }, same with { ReaderDn = "cn=other,dc=test" },
            same with { SkipTlsVerify = true }, same with { Url = "ldap://dir.example.test", AllowPlainLdap = true },
        })
        {
            var error = (await world.Settings.PutAsync(ContainerWorld.Admin, Valid with { Servers = [foreign] }, Revision.Any, default)).Error.ShouldBeOfType<InvalidError>();
            error.Fields.ShouldHaveSingleItem().Field.ShouldBe("servers[0].readerPassword", foreign.Url);
            (await world.Test.RunAsync(ContainerWorld.Admin, new DirectoryTestRequest { Settings = Valid with { Servers = [foreign] } }, default)).Error.ShouldBeOfType<InvalidError>();
        }
    }

    [Fact]
    public async Task A_password_that_is_used_no_more_is_forgotten()
    {
        using var world = await DirectoryWorld.CreateAsync();
        await world.PutAsync(Valid);

        await world.PutAsync(Valid with { Enabled = false, Servers = [] });

        world.Settings.Current.Passwords.ShouldBeEmpty();
        await using var db = world.Database.CreateDbContext();
        db.Secrets.Where(secret => secret.Name.StartsWith("ldap")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        using var world = await DirectoryWorld.CreateAsync();
        var wrong = new DirectorySettings
        {
            Enabled = true,
            Servers =
            [
                new DirectoryServer { Url = "http://x" }, new DirectoryServer { Url = "ldap://plain" }, new DirectoryServer { Url = "ldaps://user@host" },
                Server with { ReaderDn = "nonsense", RootCertificates = "none", Domain = "=" }, new DirectoryServer { Url = "ldaps://x", ReaderDn = "cn=r" },
                new DirectoryServer { Url = "ldaps://y", ReaderPassword = "p" },
            ],
            Searches =
            [
                new UserSearch { BaseDn = "", UserNameAttribute = "a b", FullNameAttribute = "(", EmailAttribute = "", MemberAttribute = "*", Filter = "(uid=" },
                new UserSearch { BaseDn = "dc=test", MatchGroup = true }, new UserSearch { BaseDn = "dc=test", IterateMembers = true, GroupDn = "x" },
            ],
            SignInAttributes = ["uid", "a=b"],
            KeyAttribute = "no key",
            Administrators = new TeamDirectoryRule { BaseDn = "dc=test" },
            SyncSchedule = "every day",
            ConnectTimeoutSeconds = 0,
            OperationTimeoutSeconds = 61,
            SignInTimeoutSeconds = 31,
            MaxParallelSignIns = 257,
        };

        var error = (await world.Settings.PutAsync(ContainerWorld.Admin, wrong, Revision.Any, default)).Error.ShouldBeOfType<InvalidError>();

        error.Fields.Select(field => field.Field).ShouldBe(
        [
            "servers[0].url", "servers[1].url", "servers[2].url", "servers[3].domain", "servers[3].rootCertificates", "servers[3].readerDn",
            "servers[4].readerPassword", "servers[5].readerDn",
            "searches[0].baseDn", "searches[0].userNameAttribute", "searches[0].fullNameAttribute", "searches[0].emailAttribute", "searches[0].memberAttribute", "searches[0].filter",
            "searches[1].groupDn", "searches[2].groupDn", "searches[2].iterateMembers",
            "signInAttributes[1]", "keyAttribute", "administrators.filter", "syncSchedule",
            "connectTimeoutSeconds", "operationTimeoutSeconds", "signInTimeoutSeconds", "maxParallelSignIns",
        ]);
    }

    [Theory]
    [InlineData("@hourly")]
    [InlineData("*/15 6-22 * * 1-5")]
    [InlineData("")]
    public async Task Schedules_are_cron_without_seconds(string schedule)
    {
        using var world = await DirectoryWorld.CreateAsync();

        await world.PutAsync(Valid with { SyncSchedule = schedule });

        (world.Sync.NextRun is null).ShouldBe(schedule.Length == 0);
    }

    [Fact]
    public async Task What_is_unsafe_is_said()
    {
        using var world = await DirectoryWorld.CreateAsync();

        await world.PutAsync(Valid with { Servers = [Server with { SkipTlsVerify = true }, new DirectoryServer { Url = "ldap://b", AllowPlainLdap = true }] });

        world.Settings.Get(ContainerWorld.Admin).Value.Warnings.ShouldBe(
        [
            "ldaps://dir.example.test: the certificate is not checked. Whoever is on the way can read the passwords.",
            "ldap://b: passwords cross the network readable.", "ldap://b: searches anonymously.",
        ]);
    }

    [Fact]
    public async Task Strangers_are_refused_and_a_stale_revision_too()
    {
        using var world = await DirectoryWorld.CreateAsync();

        world.Settings.Get(ContainerWorld.Stranger).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Settings.PutAsync(ContainerWorld.Stranger, Valid, Revision.Any, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Test.RunAsync(ContainerWorld.Stranger, new DirectoryTestRequest(), default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Sync.StartAsync(ContainerWorld.Stranger, false, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Sync.ListAsync(ContainerWorld.Stranger, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Settings.PutAsync(ContainerWorld.Admin, Valid, null, default)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        (await world.Settings.PutAsync(ContainerWorld.Admin, Valid, 3, default)).Error.ShouldBeOfType<PreconditionError>().CurrentRevision.ShouldBe(0);
        await using var db = world.Database.CreateDbContext();
        db.Audit.Count(entry => entry.Result == "refused").ShouldBe(3);
    }

    [Fact]
    public async Task A_token_that_may_only_change_settings_cannot_say_who_administers()
    {
        using var world = await DirectoryWorld.CreateAsync();
        var limited = ContainerWorld.Admin with { Scope = new TokenScope(PermissionSet.Of([Permission.SettingsUpdate, Permission.SettingsRead]), null) };

        (await world.Settings.PutAsync(limited, Valid, Revision.Any, default)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
    }

    [Theory]
    [InlineData("ou=people,dc=eu,dc=test", "eu1 eu2")]
    [InlineData("ou=people,dc=deep,dc=eu,dc=test", "deep")]
    [InlineData("ou=people,dc=test", "default")]
    [InlineData("ou=people,dc=elsewhere", "default")]
    public void The_longest_suffix_of_the_base_chooses_the_servers(string baseDn, string expected)
    {
        DirectoryServer[] servers =
        [
            new() { Url = "ldaps://eu1", Domain = "DC=EU,DC=test" }, new() { Url = "ldaps://default" }, new() { Url = "ldaps://eu2", Domain = "dc=eu,dc=test" },
            new() { Url = "ldaps://deep", Domain = "dc=deep,dc=eu,dc=test" },
        ];

        string.Join(' ', ServerChoice.For(servers, DistinguishedName.Parse(baseDn)).Select(server => server.Url[8..])).ShouldBe(expected);
    }
}
