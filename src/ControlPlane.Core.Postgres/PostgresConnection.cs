using System.Data.Common;
using Npgsql;

namespace ControlPlane.Core.Postgres;

/// <summary>Reads a connection string. What is wrong with it is told without its values: one of them is a password.</summary>
public static class PostgresConnection
{
    /// <summary>Null when it can be used. <paramref name="hasPasswordFile"/>: the password comes from elsewhere.</summary>
    public static string? Problem(string connectionString, bool hasPasswordFile)
    {
        DbConnectionStringBuilder given;
        try
        {
            given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        }
        catch (ArgumentException)
        {
            return "Database:Connection is not a connection string: it is made of Key=Value parts with ; between them, and a value that holds ; or = or a quote is put in quotes.";
        }

        var read = new NpgsqlConnectionStringBuilder();
        var position = 0;
        foreach (string key in given.Keys)
        {
            position++;
            try
            {
                read[key] = given[key];
            }
            catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidCastException or NotSupportedException)
            {
                // By its place, not its name: an unquoted ; in a password makes a part of it a key.
                return FormattableString.Invariant($"Database:Connection has a part that PostgreSQL's driver does not take: number {position} of {given.Count}. Is a value with ; or = in it put in quotes?");
            }
        }

        if (string.IsNullOrWhiteSpace(read.Host))
        {
            return "Database:Connection names no Host.";
        }

        return hasPasswordFile && !string.IsNullOrEmpty(read.Password)
            ? "Database:Connection has a password, and Database:PasswordFile is given: leave one of them out."
            : null;
    }

    /// <summary>The connection string with the password in it.</summary>
    public static string WithPassword(string connectionString, string password) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Password = password }.ToString();
}
