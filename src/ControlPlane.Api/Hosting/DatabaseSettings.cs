using ControlPlane.Core.Data;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>Checks what only the driver can: the parts of a connection string.</summary>
internal sealed class DatabaseSettings : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var hasFile = !string.IsNullOrEmpty(options.PasswordFile);
        if (options.IsSqlite)
        {
            return hasFile
                ? ValidateOptionsResult.Fail("Database:PasswordFile is for PostgreSQL; Database:Connection is SQLITE.")
                : ValidateOptionsResult.Success;
        }

        // Without a host it is no connection string at all, which DatabaseOptionsValidator says.
        return options.Connection.Contains("Host=", StringComparison.OrdinalIgnoreCase) && PostgresConnection.Problem(options.Connection, hasFile) is { } problem
            ? ValidateOptionsResult.Fail(problem)
            : ValidateOptionsResult.Success;
    }

    /// <summary>The connection string that is used: with the password from the file, if one is named.</summary>
    public static string Connection(DatabaseOptions options) => string.IsNullOrEmpty(options.PasswordFile)
        ? options.Connection
        : PostgresConnection.WithPassword(options.Connection, ReadPassword(options.PasswordFile));

    private static string ReadPassword(string path)
    {
        // A device or a wrong file would fill the memory, and no password is that long.
        const int MaximumLength = 4096;
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[MaximumLength + 1];
            var read = reader.ReadBlock(buffer);
            if (read > MaximumLength)
            {
                throw new ServerStartException($"Database:PasswordFile is not a file with one password: {path} is too long.");
            }

            var password = new string(buffer, 0, read).Trim();
            return password.Length > 0 ? password : throw new ServerStartException($"Database:PasswordFile is empty: write the password into {path}.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ServerStartException($"Database:PasswordFile does not exist: {path}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"Database:PasswordFile cannot be read by this account: {path}", error);
        }
    }
}
