using System.Buffers;
using System.Globalization;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit.Export;

/// <summary>An export under way: newest first, page by page, so that a slow reader holds neither memory nor the database.</summary>
public sealed class AuditExport
{
    private const int PageSize = 1000;

    private readonly IDbContextFactory<ControlPlaneDb> _databases;
    private readonly AuditSearch _search;
    private readonly string _format;
    private readonly DateTime _now;

    internal AuditExport(IDbContextFactory<ControlPlaneDb> databases, AuditSearch search, string format, DateTime now) =>
        (_databases, _search, _format, _now) = (databases, search, format, now);

    public string ContentType => _format == "csv" ? "text/csv; charset=utf-8; header=present" : "application/jsonl; charset=utf-8";

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"audit-{_now:yyyyMMdd-HHmmss}.{_format}");

    /// <summary>How many entries it wrote.</summary>
    public async Task<long> WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var lines = new JsonLinesFormat();
        IAuditFormat format = _format == "csv" ? new CsvFormat() : lines;
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        var head = await HeadAsync(cancellationToken);
        format.WriteHead(buffer);
        AuditPlace? after = null;
        long written = 0;
        while (true)
        {
            var rows = await PageAsync(after, cancellationToken);
            foreach (var row in rows)
            {
                // Sealed while the export ran: for the reader of the file it is not.
                if (row.Seal > head)
                {
                    row.Seal = null;
                }

                format.WriteEntry(buffer, row);
            }

            written += rows.Count;
            await FlushAsync(output, buffer, cancellationToken);
            if (rows.Count < PageSize)
            {
                break;
            }

            after = AuditPlace.Of(rows[^1]);
        }

        if (_search.IsEmpty)
        {
            await WriteSealsAsync(output, format, buffer, head, cancellationToken);
        }

        return written;
    }

    private async Task<List<AuditEntity>> PageAsync(AuditPlace? after, CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var found = _search.Apply(db.Audit.AsNoTracking());
        return await (after is { } place ? place.Behind(found) : found)
            .OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Take(PageSize).ToListAsync(cancellationToken);
    }

    private async Task<long> HeadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        return (await AuditSealer.HeadAsync(db, cancellationToken))?.Number ?? 0;
    }

    private async Task WriteSealsAsync(Stream output, IAuditFormat format, ArrayBufferWriter<byte> buffer, long head, CancellationToken cancellationToken)
    {
        for (long after = 0; after < head;)
        {
            List<AuditSealEntity> seals;
            await using (var db = await _databases.CreateDbContextAsync(cancellationToken))
            {
                seals = await db.AuditSeals.AsNoTracking().Where(seal => seal.Number > after && seal.Number <= head)
                    .OrderBy(seal => seal.Number).Take(PageSize).ToListAsync(cancellationToken);
            }

            if (seals.Count == 0)
            {
                return;
            }

            seals.ForEach(seal => format.WriteSeal(buffer, seal));
            await FlushAsync(output, buffer, cancellationToken);
            after = seals[^1].Number;
        }
    }

    private static async Task FlushAsync(Stream output, ArrayBufferWriter<byte> buffer, CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        await output.FlushAsync(cancellationToken);
        buffer.ResetWrittenCount();
    }
}
