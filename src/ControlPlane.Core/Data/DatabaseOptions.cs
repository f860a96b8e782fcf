using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Core.Data;

/// <summary>Where the database is: one setting, and the password apart when it should not be in it.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary><c>SQLITE</c> for the embedded one in the data directory, or an Npgsql connection string (<c>Host=…</c>).</summary>
    [Required]
    public string Connection { get; set; } = "SQLITE";

    /// <summary>A file with the password that <see cref="Connection"/> leaves out. Read at the start; white space around it does not count.</summary>
    public string? PasswordFile { get; set; }

    public bool IsSqlite => string.Equals(Connection, "SQLITE", StringComparison.OrdinalIgnoreCase);
}
