using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace ControlPlane.Core.Postgres.Start;

/// <summary>What failed and what to do, in one sentence for the operator; never the password.</summary>
internal static class PostgresSentences
{
    private const int VersionUnit = 10_000;

    public static string? Version(int number, string text, int oldest) => number >= oldest * VersionUnit
        ? null
        : FormattableString.Invariant($"PostgreSQL {text} is too old: version {oldest} or newer is needed.");

    public static string? Encoding(string encoding, string? database) => encoding == "UTF8"
        ? null
        : $"The database {database} has the encoding {encoding}: make one with UTF8 (create database … encoding 'UTF8' template template0).";

    public static string Standby(NpgsqlConnectionStringBuilder settings) =>
        $"{Place(settings)} is a standby that takes no writes: name the primary in Database:Connection, or both and Target Session Attributes=primary.";

    public static string MovedSession(NpgsqlConnectionStringBuilder settings) =>
        $"The tables of the database {settings.Database} have to be made or updated, and {Place(settings)} is a pooler with transaction pooling, where locks and limits of a session do not hold: start once with PostgreSQL's own address in Database:Connection, then go on with the pooler's.";

    /// <summary>Null when the error is not PostgreSQL's.</summary>
    public static string? Of(Exception error, NpgsqlConnectionStringBuilder settings)
    {
        var place = Place(settings);
        for (var at = error; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case PostgresException answer:
                    return Of(answer, settings, place);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"{place} refuses connections: start it, or correct Host and Port in Database:Connection.";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return $"There is no host {settings.Host}: correct Host in Database:Connection, or the name service.";
                case SocketException socket:
                    return $"{place} cannot be reached: {socket.Message}. Check Host in Database:Connection, the network and the firewall.";
                case TimeoutException:
                    return FormattableString.Invariant($"{place} does not answer within {settings.Timeout} s: check that it runs, and network and firewall on the way.");
                case AuthenticationException:
                    return $"{place} and this server do not agree on TLS: check SSL Mode and Root Certificate in Database:Connection.";
            }
        }

        return error is not NpgsqlException
            ? null
            : error.Message.Contains("password", StringComparison.OrdinalIgnoreCase)
                ? $"{place} wants a password for the user {settings.Username}: give it in Database:PasswordFile, or as Password in Database:Connection."
                : $"{place} cannot be used: {error.Message}";
    }

    // Several hosts may carry a port each.
    private static string Place(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true
        ? $"PostgreSQL at {settings.Host}"
        : FormattableString.Invariant($"PostgreSQL at {settings.Host}:{settings.Port}");

    private static string Of(PostgresException answer, NpgsqlConnectionStringBuilder settings, string place) => answer.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"{place} does not let the user {settings.Username} in: check Username and the password (Database:Connection, Database:PasswordFile), and pg_hba.conf there.",
        PostgresErrorCodes.InvalidCatalogName =>
            $"{place} has no database {settings.Database}: make it by create database {settings.Database} owner {settings.Username} encoding 'UTF8' template template0.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The user {settings.Username} may not make tables in the database {settings.Database} ({answer.MessageText}): make it the owner, or grant connect on the database and usage and create on schema public.",
        PostgresErrorCodes.CannotConnectNow => $"{place} is starting, stopping or recovering ({answer.MessageText}): try again in a moment.",
        PostgresErrorCodes.TooManyConnections => $"{place} has no connection left: raise max_connections there, or lower Maximum Pool Size in Database:Connection.",
        // PgBouncer's own words; they have no code of their own.
        PostgresErrorCodes.ProtocolViolation when answer.MessageText.Contains("statement pooling", StringComparison.Ordinal) =>
            $"{place} is a pooler with statement pooling, which keeps no transaction together: set pool_mode = session or transaction there.",
        PostgresErrorCodes.DiskFull => $"The disk of {place} is full: make room, then start again.",
        PostgresErrorCodes.QueryCanceled => $"{place} took too long to update the tables and the update was undone: look at its load and at locks, then start again.",
        _ => $"{place} cannot be used: {answer.SqlState} {answer.MessageText}",
    };
}
