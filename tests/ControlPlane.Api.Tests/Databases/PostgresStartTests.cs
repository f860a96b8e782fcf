using System.Net;
using System.Net.Sockets;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Data;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Postgres.Start;
using ControlPlane.Core.Secrets;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>What an operator reads when the database cannot be used, from a real server.</summary>
public sealed class PostgresStartTests
{
    [Fact]
    public async Task A_server_that_is_not_there_is_told_and_the_program_ends_with_1()
    {
        var port = FreePort();
        using var directory = TestDatabase.Of("SQLITE");

        (await SentenceAsync($"Host=127.0.0.1;Port={port};Username=u;Password=hunter2;Database=d")).ShouldBe(
            $"PostgreSQL at 127.0.0.1:{port} refuses connections: start it, or correct Host and Port in Database:Connection.");
        (await ServerCommandLine.RunAsync(["--data", directory.DataDirectory, "--port", "0", "--database", $"Host=127.0.0.1;Port={port}"])).ShouldBe(1);
        (await ServerCommandLine.RunAsync(["--data", directory.DataDirectory, "--port", "0", "--database", "Host=127.0.0.1;Prot=1"])).ShouldBe(2);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_told() =>
        (await SentenceAsync("Host=no-such-host.invalid;Username=u;Password=hunter2")).ShouldStartWith("There is no host no-such-host.invalid:");

    [Fact]
    public async Task A_server_that_says_nothing_is_told_within_its_time_out()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        (await SentenceAsync($"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=u;Password=hunter2;Timeout=1")).ShouldContain("does not answer within 1 s");
    }

    [Fact]
    public async Task A_wrong_password_or_none_is_told_and_never_shown()
    {
        var connection = new NpgsqlConnectionStringBuilder(await EmptyAsync());

        (await SentenceAsync(connection, c => c.Password = "hunter2")).ShouldContain("does not let the user ucp in: check Username and the password");
        (await SentenceAsync(connection, c => c.Username = "nobody-there")).ShouldContain("does not let the user nobody-there in");
        (await SentenceAsync(connection, c => c.Password = null)).ShouldContain("wants a password for the user ucp: give it in Database:PasswordFile");
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_told_with_how_to_make_it() =>
        (await SentenceAsync(new NpgsqlConnectionStringBuilder(await EmptyAsync()), c => c.Database = "missing")).ShouldContain(
            "has no database missing: make it by create database missing owner ucp encoding 'UTF8'");

    [Fact]
    public async Task A_database_of_another_encoding_is_refused()
    {
        Require();
        var connection = await (await PostgresServer.GetAsync()).CreateDatabaseAsync("encoding 'LATIN1' locale 'C' template template0");

        (await SentenceAsync(connection)).ShouldContain("has the encoding LATIN1: make one with UTF8");
    }

    [Fact]
    public async Task A_user_who_may_not_make_tables_is_told_what_to_grant()
    {
        var connection = await EmptyAsync();
        var server = await PostgresServer.GetAsync();
        await server.RunSqlAsync("create role weak login password 'pgpw'");

        (await SentenceAsync(new NpgsqlConnectionStringBuilder(connection), c => c.Username = "weak")).ShouldStartWith("The user weak may not make tables in the database test");
    }

    [Fact]
    public async Task A_newer_schema_is_refused_by_name()
    {
        var connection = await MigratedAsync();
        await (await PostgresServer.GetAsync()).RunSqlAsync("insert into \"__EFMigrationsHistory\" values ('29990101000000_Future', '99.0')", connection);

        (await SentenceAsync(connection)).ShouldContain("made by a newer version of this program (it has the migration 29990101000000_Future)");
    }

    [Fact]
    public async Task A_server_below_the_minimum_is_refused_when_the_minimum_is_raised_above_the_installed_one()
    {
        var connection = await EmptyAsync();

        var error = await Should.ThrowAsync<ServerStartException>(() => PostgresStart.CheckAsync(connection, oldestVersion: 99, CancellationToken.None));

        error.Message.ShouldContain("is too old: version 99 or newer is needed");
        await PostgresStart.CheckAsync(connection, CancellationToken.None);
    }

    [Theory]
    [InlineData(130020, false)]
    [InlineData(140000, true)]
    [InlineData(180001, true)]
    public void Versions_from_14_on_are_taken(int number, bool taken) =>
        (PostgresSentences.Version(number, "x", PostgresStart.OldestVersion) is null).ShouldBe(taken);

    [Fact]
    public async Task A_standby_is_refused_and_both_hosts_together_find_the_primary()
    {
        Require();
        await using var primary = await PostgresServer.StartPrivateAsync();
        var connection = await primary.CreateDatabaseAsync();
        await Place(connection).MigrateAsync(CancellationToken.None);
        await using var standby = await primary.StartStandbyAsync();
        var alone = new NpgsqlConnectionStringBuilder(connection) { Port = standby.Port };
        var both = new NpgsqlConnectionStringBuilder(connection) { Host = $"127.0.0.1:{standby.Port},127.0.0.1:{primary.Port}" };
        using var directory = TestDatabase.Of("SQLITE");

        (await SentenceAsync(alone.ToString())).ShouldBe(
            $"PostgreSQL at 127.0.0.1:{standby.Port} is a standby that takes no writes: name the primary in Database:Connection, or both and Target Session Attributes=primary.");
        (await ServerCommandLine.RunAsync(["--data", directory.DataDirectory, "--port", "0", "--database", alone.ToString()])).ShouldBe(1);
        both.TargetSessionAttributes = "primary";
        await Place(both.ToString()).MigrateAsync(CancellationToken.None);
        await using var db = Context(both.ToString());
        (await db.Settings.AddAsync(new SettingEntity { Name = "one", ValueJson = "{}", ChangedBy = "test", ChangedAt = DateTime.UnixEpoch })).ShouldNotBeNull();
        (await db.SaveChangesAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Two_servers_that_start_at_once_both_find_the_tables()
    {
        var connection = await EmptyAsync();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Place(connection).MigrateAsync(CancellationToken.None)));

        await using var db = Context(connection);
        (await db.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
        (await db.Users.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_session_that_holds_a_lock_on_the_tables_is_told_with_its_pid()
    {
        var connection = await MigratedAsync();
        await using var other = await OpenAsync(connection);
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table \"__EFMigrationsHistory\" in access exclusive mode", other))
        {
            await command.ExecuteNonQueryAsync();
        }

        var error = await Should.ThrowAsync<ServerStartException>(() => PostgresStart.MigrateAsync(connection, Short, CancellationToken.None));

        error.Message.ShouldContain("another session holds a lock on them (pid ");
        error.Message.ShouldContain($"{other.ProcessID}");
    }

    [Fact]
    public async Task A_server_that_has_been_updating_the_tables_for_too_long_is_told_with_its_pid()
    {
        var connection = await EmptyAsync();
        await using var other = await OpenAsync(connection);
        await using (var command = new NpgsqlCommand("select pg_advisory_lock(x'436f6e74726f6c50'::bigint)", other))
        {
            await command.ExecuteNonQueryAsync();
        }

        var error = await Should.ThrowAsync<ServerStartException>(() => PostgresStart.MigrateAsync(connection, Short, CancellationToken.None));

        error.Message.ShouldContain("Another server has been updating the database");
        error.Message.ShouldContain($"(pid {other.ProcessID})");
    }

    [Fact]
    public async Task The_password_of_a_file_opens_the_database()
    {
        var connection = new NpgsqlConnectionStringBuilder(await EmptyAsync());
        using var directory = TestDatabase.Of("SQLITE");
        var file = Path.Combine(directory.DataDirectory, "password");
        await File.WriteAllTextAsync(file, connection.Password + "\n");
        connection.Password = null;

        await new DatabasePlace(new DatabaseOptions { Connection = connection.ToString(), PasswordFile = file }, directory.DataDirectory).MigrateAsync(CancellationToken.None);
    }

    [Fact]
    public void Deadlines_are_set_unless_the_connection_string_names_its_own()
    {
        var ours = PostgresProvider.Settings("Host=db");
        (ours.Timeout, ours.CommandTimeout, ours.CancellationTimeout, ours.KeepAlive, ours.MaxPoolSize, ours.GssEncryptionMode).ShouldBe((2, 4, 2000, 5, 20, GssEncryptionMode.Disable));

        var given = PostgresProvider.Settings("Host=db;Timeout=9;CommandTimeout=8;MaxPoolSize=7;KeepAlive=0");
        (given.Timeout, given.CommandTimeout, given.MaxPoolSize, given.KeepAlive).ShouldBe((9, 8, 7, 0));
    }

    private static MigrationLimits Short => new() { Turn = TimeSpan.FromSeconds(0.3), Lock = TimeSpan.FromSeconds(0.3), Statement = TimeSpan.FromSeconds(20) };

    private static void Require() => Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL 15 is not installed.");

    private static async Task<string> EmptyAsync()
    {
        Require();
        return await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
    }

    private static async Task<string> MigratedAsync()
    {
        var connection = await EmptyAsync();
        await Place(connection).MigrateAsync(CancellationToken.None);
        return connection;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connection)
    {
        var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync();
        return opened;
    }

    private static DatabasePlace Place(string connection) => new(new DatabaseOptions { Connection = connection }, "/nowhere");

    private static ControlPlaneDb Context(string connection)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        PostgresProvider.Configure(options, connection);
        return new ControlPlaneDb(options.Options);
    }

    private static Task<string> SentenceAsync(NpgsqlConnectionStringBuilder connection, Action<NpgsqlConnectionStringBuilder> change)
    {
        var changed = new NpgsqlConnectionStringBuilder(connection.ToString());
        change(changed);
        return SentenceAsync(changed.ToString());
    }

    private static async Task<string> SentenceAsync(string connection)
    {
        var error = await Should.ThrowAsync<ServerStartException>(() => Place(connection).MigrateAsync(CancellationToken.None));
        error.ToString().ShouldNotContain("hunter2");
        error.Message.ShouldNotContain("\n");
        return error.Message;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
