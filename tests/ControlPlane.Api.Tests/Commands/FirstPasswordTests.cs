using System.Net;
using System.Net.Http.Json;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Commands;

public sealed class FirstPasswordTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task It_is_kept_for_the_owner_only_and_printed_once()
    {
        await using var server = await TestServer.StartAsync(keepPassword: true);
        File.GetUnixFileMode(FileOf(server)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Run(server).ShouldBe(0);
        _output.ToString().ShouldBe($"admin password: {server.First!.Password}{Environment.NewLine}");
        Directory.GetFiles(server.Database.DataDirectory, "first-admin-password*").ShouldBeEmpty();

        Run(server).ShouldBe(1);
        _errors.ToString().ShouldContain("admin reset-password");
        server.Log.Lines.ShouldNotContain(line => line.Contains(server.First.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_watches_the_start_has_seen_it()
    {
        await using var server = await TestServer.StartAsync(keepPassword: false);

        File.Exists(FileOf(server)).ShouldBeFalse();
    }

    [Fact]
    public async Task It_is_forgotten_when_the_person_changes_it()
    {
        await using var server = await TestServer.StartAsync(keepPassword: true);
        using var browser = await server.BrowserAsync();
        browser.DefaultRequestHeaders.Add("X-Requested-With", "test");

        var answer = await browser.PostAsJsonAsync(
            "/api/v1/profile/password", new { currentPassword = server.First!.Password, newPassword = "correct horse battery staple" }, TestContext.Current.CancellationToken);

        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Run(server).ShouldBe(1);
    }

    [Fact]
    public async Task It_is_forgotten_when_it_is_reset_on_the_servers_machine()
    {
        await using var server = await TestServer.StartAsync(keepPassword: true);

        await server.Services.GetRequiredService<LocalAccounts>().ResetPasswordAsync(Caller.System("test"), "Admin", TestContext.Current.CancellationToken);

        File.Exists(FileOf(server)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_password_of_somebody_else_does_not_matter_to_it()
    {
        await using var server = await TestServer.StartAsync(keepPassword: true);

        server.Services.GetRequiredService<FirstPassword>().Forget("administrator");

        File.Exists(FileOf(server)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_second_start_keeps_nothing()
    {
        var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        var first = await TestServer.StartAsync(database: database, keepPassword: true);
        Run(first).ShouldBe(0);
        await first.StopAsync();

        await using var again = await TestServer.StartAsync(database: database, keepPassword: true);

        again.First.ShouldBeNull();
        File.Exists(FileOf(again)).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_directory_it_is_a_usage_error() => FirstPasswordCommand.Run([], _output, _errors).ShouldBe(2);

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/proc")]
    public void A_directory_without_it_says_what_to_do(string directory)
    {
        FirstPasswordCommand.Run(["--data", directory], _output, _errors).ShouldBe(1);

        _errors.ToString().ShouldContain("reset-password");
    }

    [Fact]
    public async Task Without_the_file_for_the_administrator_there_is_no_standing_token()
    {
        await using var server = await TestServer.StartAsync(settings: ["--Server:AdminEnvFile", "false"]);

        File.Exists(Path.Combine(server.Database.DataDirectory, "admin.env")).ShouldBeFalse();
        Directory.Exists(Path.Combine(server.Database.DataDirectory, "docker")).ShouldBeFalse();
        server.First!.Token.ShouldBeEmpty();
        await using var db = await server.Services.GetRequiredService<IDbContextFactory<ControlPlaneDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        (await db.ApiTokens.CountAsync(TestContext.Current.CancellationToken)).ShouldBe(0);
        (await db.Audit.CountAsync(entry => entry.Action == "tokens.create", TestContext.Current.CancellationToken)).ShouldBe(0);
        using var browser = await server.BrowserAsync();
        (await browser.GetAsync("/api/v1/nodes", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string FileOf(TestServer server) => Path.Combine(server.Database.DataDirectory, "first-admin-password");

    private int Run(TestServer server) => FirstPasswordCommand.Run(["--data", server.Database.DataDirectory], _output, _errors);
}
