using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Core.Data;

/// <summary>Where the database is: one setting.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary><c>SQLITE</c> for the embedded one in the data directory, or an Npgsql connection string (<c>Host=…</c>).</summary>
    [Required]
    public string Connection { get; set; } = "SQLITE";

    public bool IsSqlite => string.Equals(Connection, "SQLITE", StringComparison.OrdinalIgnoreCase);
}
