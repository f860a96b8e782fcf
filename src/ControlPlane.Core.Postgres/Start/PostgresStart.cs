using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Core.Postgres.Start;

/// <summary>What happens with PostgreSQL before the first request: is it there, is it one that we can use, has it our tables. Everything has a limit.</summary>
public static class PostgresStart
{
    /// <summary>The oldest version that the Entity Framework provider makes its SQL for.</summary>
    public const int OldestVersion = 14;

    // One of all programs that know this product; any number does.
    private const long MigrationLock = 0x436f6e74726f6c50;

    /// <summary>Throws a <see cref="ServerStartException"/> with one sentence when the server cannot be used.</summary>
    public static Task CheckAsync(string connectionString, CancellationToken cancellationToken) => CheckAsync(connectionString, OldestVersion, cancellationToken);

    /// <summary>Makes or updates the tables; two servers that start at once do it one after the other.</summary>
    public static Task MigrateAsync(string connectionString, CancellationToken cancellationToken) => MigrateAsync(connectionString, new MigrationLimits(), cancellationToken);

    internal static async Task CheckAsync(string connectionString, int oldestVersion, CancellationToken cancellationToken)
    {
        var settings = PostgresProvider.Settings(connectionString);
        settings.Pooling = false;
        try
        {
            await using var connection = new NpgsqlConnection(settings.ToString());
            await connection.OpenAsync(cancellationToken);
            // What every change needs: a pooler that keeps no transaction together refuses it here.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding'), pg_is_in_recovery()", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var problem = PostgresSentences.Version(reader.GetInt32(0), reader.GetString(1), oldestVersion)
                ?? PostgresSentences.Encoding(reader.GetString(2), settings.Database ?? settings.Username)
                ?? (reader.GetBoolean(3) ? PostgresSentences.Standby(settings) : null);
            if (problem is not null)
            {
                throw new ServerStartException(problem);
            }
        }
        catch (Exception error) when (error is not ServerStartException && PostgresSentences.Of(error, settings) is { } sentence)
        {
            throw new ServerStartException(sentence, error);
        }
    }

    internal static async Task MigrateAsync(string connectionString, MigrationLimits limits, CancellationToken cancellationToken)
    {
        var settings = PostgresProvider.Settings(connectionString);
        // The session ends with the connection, and its lock and its limits with it: never back into a pool.
        settings.Pooling = false;
        // A little later than the server's own limits, which say why.
        settings.CommandTimeout = (int)(Longer(limits.Statement, limits.Turn) + limits.Margin).TotalSeconds;
        try
        {
            var options = new DbContextOptionsBuilder<ControlPlaneDb>();
            PostgresProvider.Configure(options, settings.ToString());
            await using var db = new ControlPlaneDb(options.Options);
            await db.Database.OpenConnectionAsync(cancellationToken);
            if (!await IsBehindAsync(db, limits, cancellationToken))
            {
                return;
            }

            if (await PostgresPooler.MovesSessionsAsync((NpgsqlConnection)db.Database.GetDbConnection(), settings, cancellationToken))
            {
                throw new ServerStartException(PostgresSentences.MovedSession(settings));
            }

            await SetAsync(db, limits.Turn, limits.Turn + limits.Margin, local: false, cancellationToken);
            await TakeTurnAsync(db, settings, limits, cancellationToken);
            await SetAsync(db, limits.Lock, limits.Statement, local: false, cancellationToken);
            // Somebody else may have done it meanwhile: it looks again by itself.
            await db.Database.MigrateAsync(cancellationToken);
        }
        catch (Exception error) when (error is not ServerStartException && PostgresFaults.Answer(error) is { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            throw new ServerStartException(
                $"The tables of the database {settings.Database} cannot be changed: another session holds a lock on them{await HoldersAsync(settings)}. End it by select pg_terminate_backend(pid), then start again.", error);
        }
        catch (Exception error) when (error is not ServerStartException && PostgresSentences.Of(error, settings) is { } sentence)
        {
            throw new ServerStartException(sentence, error);
        }
    }

    private static async Task<bool> IsBehindAsync(ControlPlaneDb db, MigrationLimits limits, CancellationToken cancellationToken)
    {
        // The limits end with the transaction: the session may be one that a pooler gives to others.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SetAsync(db, limits.Lock, limits.Statement, local: true, cancellationToken);
        return await SchemaHistory.IsBehindAsync(db, cancellationToken);
    }

    private static async Task TakeTurnAsync(ControlPlaneDb db, NpgsqlConnectionStringBuilder settings, MigrationLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_lock({MigrationLock})", cancellationToken);
        }
        catch (Exception error) when (PostgresFaults.Answer(error) is { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            throw new ServerStartException(
                FormattableString.Invariant($"Another server has been updating the database {settings.Database} for more than {limits.Turn.TotalSeconds:0} s{await HoldersAsync(settings)}: wait until it is done, or end its session by select pg_terminate_backend(pid)."), error);
        }
    }

    /// <summary>Who holds locks: an operator needs the number. Nothing when that cannot be found out either.</summary>
    private static async Task<string> HoldersAsync(NpgsqlConnectionStringBuilder settings)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.ToString()) { CommandTimeout = 2 }.ToString());
            await connection.OpenAsync(CancellationToken.None);
            await using var command = new NpgsqlCommand(
                """
                select string_agg(distinct pid::text, ', ') from pg_locks
                where granted and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
                  and (locktype = 'advisory' or relation in (select oid from pg_class where relkind in ('r', 'i') and relnamespace not in (select oid from pg_namespace where nspname like 'pg\_%')))
                """,
                connection);
            return await command.ExecuteScalarAsync(CancellationToken.None) is string pids ? $" (pid {pids})" : "";
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return "";
        }
    }

    private static async Task SetAsync(ControlPlaneDb db, TimeSpan lockTimeout, TimeSpan statementTimeout, bool local, CancellationToken cancellationToken)
    {
        var locks = FormattableString.Invariant($"{(long)lockTimeout.TotalMilliseconds}ms");
        var statements = FormattableString.Invariant($"{(long)statementTimeout.TotalMilliseconds}ms");
        await db.Database.ExecuteSqlAsync($"select set_config('lock_timeout', {locks}, {local}), set_config('statement_timeout', {statements}, {local})", cancellationToken);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>How long the start waits while it updates the tables.</summary>
internal sealed record MigrationLimits
{
    /// <summary>For another server that is updating them.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For a lock on a table: whoever holds one longer is stuck, since every transaction of ours is short.</summary>
    public TimeSpan Lock { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one statement, e.g. an index over a long audit.</summary>
    public TimeSpan Statement { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(5);
}
