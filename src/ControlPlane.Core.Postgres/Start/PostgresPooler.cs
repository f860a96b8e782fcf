using Npgsql;

namespace ControlPlane.Core.Postgres.Start;

/// <summary>Tells whether a pooler is on the way that gives each transaction another session.</summary>
internal static class PostgresPooler
{
    /// <summary>
    /// What is set or locked for a session then holds for somebody else. Seen by letting another connection in between: a session that
    /// is ours alone is never theirs, and is the same afterwards.
    /// </summary>
    public static async Task<bool> MovesSessionsAsync(NpgsqlConnection connection, NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var own = await SessionAsync(connection, cancellationToken);
        if (own == connection.ProcessID)
        {
            // What greeted us is the session itself: nobody is between.
            return false;
        }

        await using var other = new NpgsqlConnection(settings.ToString());
        await other.OpenAsync(cancellationToken);
        // Keeps its session until it is disposed of.
        await using var transaction = await other.BeginTransactionAsync(cancellationToken);
        return await SessionAsync(other, cancellationToken) == own || await SessionAsync(connection, cancellationToken) != own;
    }

    private static async Task<int> SessionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
