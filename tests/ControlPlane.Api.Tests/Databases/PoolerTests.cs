using System.Net;
using System.Net.Http.Json;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using ControlPlane.TestKit.Databases;
using Npgsql;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>PgBouncer between the server and PostgreSQL.</summary>
public sealed class PoolerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_session_pooling_a_server_starts_on_an_empty_database()
    {
        await using var pooler = await PgBouncer.StartAsync(await EmptyAsync(), "session");

        await ServesAsync(pooler.Connection);
    }

    [Fact]
    public async Task With_transaction_pooling_tables_are_not_made_and_a_server_that_finds_them_serves()
    {
        var direct = await EmptyAsync();
        await using var pooler = await PgBouncer.StartAsync(direct, "transaction");

        (await SentenceAsync(pooler.Connection)).ShouldContain("is a pooler with transaction pooling, where locks and limits of a session do not hold: start once with PostgreSQL's own address");
        (await CountAsync(direct, "select count(*) from pg_tables where schemaname = 'public'")).ShouldBe(0);
        await Place(direct).MigrateAsync(Cancellation);
        await ServesAsync(pooler.Connection);

        // What the start sets does not stay with sessions that others get.
        (await TextAsync(pooler.Connection, "select current_setting('lock_timeout') || current_setting('statement_timeout')")).ShouldBe("00");
        (await CountAsync(direct, "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())")).ShouldBe(0);
    }

    [Fact]
    public async Task Statement_pooling_is_refused()
    {
        var direct = await EmptyAsync();
        await Place(direct).MigrateAsync(Cancellation);
        await using var pooler = await PgBouncer.StartAsync(direct, "statement");

        (await SentenceAsync(pooler.Connection)).ShouldEndWith("is a pooler with statement pooling, which keeps no transaction together: set pool_mode = session or transaction there.");
    }

    private static async Task ServesAsync(string connection)
    {
        await using var server = await TestServer.StartAsync(database: TestDatabase.Of(connection));
        using var admin = server.Administrator();
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => admin.PostAsJsonAsync("/api/v1/teams", new { name = $"team-{n}" }, Cancellation)));
        answers.Select(answer => answer.StatusCode).Distinct().ShouldBe([HttpStatusCode.Created]);
        (await admin.GetAsync("/api/v1/tokens", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Anonymous.GetAsync("/healthz/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<string> EmptyAsync()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled && PgBouncer.IsInstalled, "PostgreSQL 15 or PgBouncer is not installed.");
        return await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
    }

    private static DatabasePlace Place(string connection) => new(new DatabaseOptions { Connection = connection }, "/nowhere");

    private static async Task<string> SentenceAsync(string connection)
    {
        var message = (await Should.ThrowAsync<ServerStartException>(() => Place(connection).MigrateAsync(Cancellation))).Message;
        message.ShouldNotContain("pgpw");
        return message;
    }

    private static async Task<long> CountAsync(string connection, string sql) => (long)await ScalarAsync(connection, sql);

    private static async Task<string> TextAsync(string connection, string sql) => (string)await ScalarAsync(connection, sql);

    private static async Task<object> ScalarAsync(string connection, string sql)
    {
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, opened);
        return (await command.ExecuteScalarAsync(Cancellation))!;
    }
}
