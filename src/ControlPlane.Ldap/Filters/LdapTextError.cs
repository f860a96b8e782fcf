using System.Globalization;

namespace ControlPlane.Ldap;

/// <summary>Where a filter or a distinguished name cannot be read, and why.</summary>
/// <param name="Position">In characters from the start, 0 for the first.</param>
/// <param name="Reason">A sentence without the text itself.</param>
public sealed record LdapTextError(int Position, string Reason)
{
    /// <summary>Position (counted from 1, as people do) and reason.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"At character {Position + 1}: {Reason}");
}
