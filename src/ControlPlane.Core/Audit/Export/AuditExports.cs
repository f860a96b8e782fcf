using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit.Export;

/// <summary>Takes the trail out of the server. Who did so, and with which filters, is in the trail.</summary>
public sealed class AuditExports(IDbContextFactory<ControlPlaneDb> databases, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="search">What for.</param>
    /// <param name="format"><c>csv</c> or <c>jsonl</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<AuditExport>> BeginAsync(Caller caller, AuditSearch search, string? format, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        var target = new AuditObject("audit", "");
        if (await gate.RequireAsync(caller, Permission.AuditRead, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (format is not ("csv" or "jsonl"))
        {
            return new InvalidError("format", "must be csv or jsonl");
        }

        await audit.RecordAsync(caller, "audit.export", target, AuditTrail.Ok, format, AuditDetails.Asked(search), cancellationToken);
        return new AuditExport(databases, search, format, clock.GetUtcNow().UtcDateTime);
    }
}
