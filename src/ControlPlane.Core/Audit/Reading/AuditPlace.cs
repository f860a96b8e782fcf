using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit;

/// <summary>A place in the list, newest first: what follows it is the same whatever is added before it or deleted behind it.</summary>
internal readonly record struct AuditPlace(DateTime At, Guid Id)
{
    public static AuditPlace Of(AuditEntity entry) => new(entry.At, entry.Id);

    public static bool TryParse(string text, [NotNullWhen(true)] out AuditPlace? place)
    {
        place = null;
        if (text.Split('.') is not [var time, var id]
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTime.MaxValue.Ticks
            || !Guid.TryParseExact(id, "N", out var guid))
        {
            return false;
        }

        place = new AuditPlace(new DateTime(ticks, DateTimeKind.Utc), guid);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.Ticks}.{Id:N}");

    /// <summary>The rows behind it. Guids are ordered differently by the databases, but always the same by one.</summary>
    public IQueryable<AuditEntity> Behind(IQueryable<AuditEntity> rows)
    {
        var (at, id) = (At, Id);
        // The first condition is implied by the second; an index can use it.
        return rows.Where(a => a.At <= at && (a.At < at || a.Id.CompareTo(id) < 0));
    }
}
