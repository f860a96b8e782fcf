using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.WriteBehind;

/// <summary>Empties the queue: one transaction per half second, and the rest at shutdown.</summary>
public sealed partial class WriteBehindWriter(
    WriteBehindQueue queue, AnonymousRefusals refusals, IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, ILogger<WriteBehindWriter> logger) : IDuty
{
    private const int BatchSize = 5000;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RefusalsPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FinalDeadline = TimeSpan.FromSeconds(3);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var refusalsAt = clock.GetUtcNow() + RefusalsPeriod;
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await FlushAsync(cancellationToken);
                if (clock.GetUtcNow() >= refusalsAt)
                {
                    refusalsAt = clock.GetUtcNow() + RefusalsPeriod;
                    await TryWriteRefusalsAsync(cancellationToken);
                }
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                using var deadline = new CancellationTokenSource(FinalDeadline, clock);
                // What people answer for before what was observed.
                await TryWriteRefusalsAsync(deadline.Token);
                await FlushAsync(deadline.Token);
            }
        }
    }

    /// <summary>Writes everything that is queued now.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var batch = new List<object>();
            while (batch.Count < BatchSize && queue.Reader.TryRead(out var item))
            {
                batch.Add(item);
            }

            if (batch.Count == 0)
            {
                return;
            }

            await WriteWithRetryAsync(batch, cancellationToken);
        }
    }

    private async Task WriteWithRetryAsync(List<object> batch, CancellationToken cancellationToken)
    {
        // The queue holds the newer ones meanwhile; it is bounded.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(batch, cancellationToken);
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogRetry(batch.Count, attempt, error);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(attempt, 10)), clock, cancellationToken);
            }
        }
    }

    private async Task WriteAsync(List<object> batch, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Events.AddRange(batch.OfType<EventEntity>());
        await db.SaveChangesAsync(cancellationToken);
        // By statement, so that the version (the ETag of the intent) stays.
        foreach (var seen in batch.OfType<NodeSeen>().GroupBy(node => node.NodeId, Merge))
        {
            await WriteNodeAsync(db, seen, cancellationToken);
        }

        foreach (var used in batch.OfType<CredentialSeen>().GroupBy(item => (item.Kind, item.Id), (_, items) => items.Last()))
        {
            await WriteUseAsync(db, used, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static NodeSeen Merge(string id, IEnumerable<NodeSeen> all) => all.Aggregate((older, newer) => new NodeSeen(
        id,
        newer.At,
        newer.DescriptionJson ?? older.DescriptionJson,
        newer.AgentVersion ?? older.AgentVersion,
        newer.EngineId ?? older.EngineId));

    private static Task<int> WriteNodeAsync(ControlPlaneDb db, NodeSeen seen, CancellationToken cancellationToken) =>
        db.Nodes.Where(node => node.Id == seen.NodeId).ExecuteUpdateAsync(
            node => node
                .SetProperty(n => n.LastSeenAt, seen.At)
                .SetProperty(n => n.DescriptionJson, n => seen.DescriptionJson ?? n.DescriptionJson)
                .SetProperty(n => n.AgentVersion, n => seen.AgentVersion ?? n.AgentVersion)
                .SetProperty(n => n.EngineId, n => seen.EngineId ?? n.EngineId),
            cancellationToken);

    private static Task<int> WriteUseAsync(ControlPlaneDb db, CredentialSeen used, CancellationToken cancellationToken) => used.Kind switch
    {
        CallerKind.Session => db.Sessions.Where(s => s.Id == used.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeenAt, used.At), cancellationToken),
        CallerKind.Certificate => db.ClientCertificates.Where(c => c.Id == used.Id)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.LastUsedAt, used.At), cancellationToken),
        _ => db.ApiTokens.Where(t => t.Id == used.Id)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.LastUsedAt, used.At).SetProperty(x => x.LastUsedAddress, used.Address), cancellationToken),
    };

    /// <summary>What could not be written is counted on, and written a minute later.</summary>
    private async Task TryWriteRefusalsAsync(CancellationToken cancellationToken)
    {
        var taken = refusals.Take();
        if (taken.Count == 0)
        {
            return;
        }

        try
        {
            await WriteRefusalsAsync(taken, cancellationToken);
        }
        catch (Exception error)
        {
            refusals.GiveBack(taken);
            if (error is OperationCanceledException)
            {
                throw;
            }

            LogRefusals(taken.Count, error);
        }
    }

    private async Task WriteRefusalsAsync(IReadOnlyList<(string Address, string Permission, int Count)> taken, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        db.Audit.AddRange(taken.Select(refusal => new AuditEntity
        {
            Id = Guid.CreateVersion7(now),
            At = new DateTime(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc),
            ActorKind = nameof(CallerKind.Anonymous),
            ActorId = "",
            ActorName = "anonymous",
            RemoteAddress = refusal.Address,
            Action = refusal.Permission,
            ObjectKind = "",
            ObjectId = "",
            Result = Audit.AuditTrail.Refused,
            RequestId = "",
            Count = refusal.Count,
        }));
        await db.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Could not write {Count} observed items, attempt {Attempt}.")]
    private partial void LogRetry(int count, int attempt, Exception error);

    [LoggerMessage(LogLevel.Warning, "Could not write {Count} entries about anonymous refusals; they are counted on.")]
    private partial void LogRefusals(int count, Exception error);
}
