using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>The test panel against a real slapd: it says exactly what failed, and what to do.</summary>
public sealed class DirectoryTestTests(OpenLdapFixture fixture) : IClassFixture<OpenLdapFixture>
{
    private readonly OpenLdapServer _server = fixture.Server;

    [Fact]
    public async Task Settings_are_tried_before_they_are_kept_and_keep_nothing()
    {
        using var world = await DirectoryWorld.CreateAsync();

        var report = await ReportAsync(world, DirectoryWorld.For(_server), null, null);

        report.Passed.ShouldBeTrue();
        report.Steps[^1].Message.ShouldBe("Found 7.");
        world.Settings.Current.Settings.Servers.ShouldBeEmpty();
        await using var db = world.Database.CreateDbContext();
        db.Audit.Single(entry => entry.Action == "directory.test").Detail.ShouldNotBeNull().ShouldStartWith("unsaved settings, servers ldaps://127.0.0.1");
    }

    [Fact]
    public async Task The_kept_password_serves_the_same_server_and_is_not_asked_for_again()
    {
        using var world = await DirectoryWorld.CreateAsync(_server);
        var settings = DirectoryWorld.For(_server);

        var report = await ReportAsync(world, settings with { Servers = [settings.Servers[0] with { ReaderPassword = null }] }, "alice", OpenLdapServer.UserPassword);

        report.Passed.ShouldBeTrue();
        report.UserDn.ShouldBe(OpenLdapServer.Person("alice"));
    }

    [Fact]
    public async Task Each_fault_has_its_step_its_cause_and_its_cure()
    {
        using var world = await DirectoryWorld.CreateAsync();
        using var foreign = new TestAuthority();
        var settings = DirectoryWorld.For(_server);
        var server = settings.Servers[0];

        await FailsAsync(settings with { Servers = [server with { Url = "ldaps://no-such-host.invalid" }] }, "resolve", "Check the host name");
        await FailsAsync(settings with { Servers = [server with { Url = "ldaps://127.0.0.1:1" }] }, "connect", "Check the port");
        var untrusted = await FailsAsync(settings with { Servers = [server with { RootCertificates = foreign.Pem }] }, "tls", "Put the authority");
        untrusted.Details.ShouldContain(detail => detail.StartsWith("issuer CN=Test CA"));
        await FailsAsync(settings with { Servers = [server with { Url = $"ldaps://127.0.0.1:{_server.Port}" }] }, "tls", "StartTLS on 389");
        await FailsAsync(settings with { Servers = [server with { ReaderPassword = "wrong" }] }, "readerBind", "Check readerDn");
        await FailsAsync(settings with { Searches = [settings.Searches[0] with { BaseDn = "ou=nowhere,dc=example,dc=test" }] }, "search", "Check the base DN");
        await FailsAsync(settings with { Searches = [settings.Searches[0] with { Filter = "(uid=nobody)" }] }, "search", "Check the base");
        await FailsAsync(settings, "user", "signInAttributes", "nobody");
        await FailsAsync(settings, "userBind", "password", "alice", "wrong");
        await FailsAsync(settings, "userBind", "Give the person's password", "alice", " ");
        await FailsAsync(settings with { SignInAttributes = ["sn"] }, "search", "unique", "X");
        await FailsAsync(settings with { KeyAttribute = "employeeNumber" }, "attributes", "keyAttribute", "alice");
        await FailsAsync(settings with { JustInTimeProvisioning = false }, "account", "synchronised", "alice");

        async Task<DirectoryTestStep> FailsAsync(DirectorySettings tried, string step, string advice, string? name = null, string? password = null)
        {
            var report = await ReportAsync(world, tried, name, password);
            report.Passed.ShouldBeFalse();
            var failed = report.Steps.First(one => one.Passed == false);
            failed.Name.ShouldBe(step, $"{failed}");
            failed.Advice.ShouldNotBeNull().ShouldContain(advice);
            return failed;
        }
    }

    [Fact]
    public async Task Nonsense_is_refused_by_field()
    {
        using var world = await DirectoryWorld.CreateAsync(_server);

        (await world.Test.RunAsync(ContainerWorld.Admin, new DirectoryTestRequest { UserName = "a\0" }, default)).Error.ShouldBeOfType<InvalidError>().Fields[0].Field.ShouldBe("userName");
        (await world.Test.RunAsync(ContainerWorld.Admin, new DirectoryTestRequest { Password = "x" }, default)).Error.ShouldBeOfType<InvalidError>().Fields[0].Field.ShouldBe("userName");
    }

    private static async Task<DirectoryTestReport> ReportAsync(DirectoryWorld world, DirectorySettings settings, string? name, string? password) =>
        (await world.Test.RunAsync(ContainerWorld.Admin, new DirectoryTestRequest { Settings = settings, UserName = name, Password = password }, default)).Value;
}
