using ControlPlane.Core.Audit.Retention;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit.Chain;

/// <summary>Walks along the chain from its beginning and stops at the first thing that is not as it was sealed. Reads only, in small pieces.</summary>
public sealed class AuditVerifier(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock)
{
    // Rows of one query: it is over before anybody's deadline, and nothing is held meanwhile.
    private const int PieceEntries = 10_000;
    private const int PieceSeals = 500;

    /// <param name="expected">A hash noted before, which the chain must contain; null = none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AuditVerification> VerifyAsync(string? expected, CancellationToken cancellationToken)
    {
        var walk = new Walk(expected);
        // Counted first: with none waiting, the walk reaches every entry there was when it began.
        var unsealed = await ReadAsync((db, cancellation) => db.Audit.LongCountAsync(entry => entry.Seal == null, cancellation), cancellationToken);
        var head = await ReadAsync(AuditSealer.HeadAsync, cancellationToken);
        while (walk.Broken is null && walk.Number < (head?.Number ?? 0))
        {
            var after = walk.Number;
            var seals = await ReadAsync(
                (db, cancellation) => db.AuditSeals.AsNoTracking().Where(seal => seal.Number > after).OrderBy(seal => seal.Number).Take(PieceSeals).ToListAsync(cancellation),
                cancellationToken);
            foreach (var piece in Pieces(seals))
            {
                await VerifyAsync(walk, piece, cancellationToken);
                if (walk.Broken is not null)
                {
                    break;
                }
            }
        }

        var strays = walk.Broken is null ? await StrayAsync(walk.LastExpired, cancellationToken) : null;
        return walk.End(strays, unsealed);
    }

    private async Task VerifyAsync(Walk walk, List<AuditSealEntity> piece, CancellationToken cancellationToken)
    {
        foreach (var seal in piece)
        {
            walk.Link(seal, clock.GetUtcNow().UtcDateTime);
            if (walk.Broken is not null)
            {
                return;
            }
        }

        var kept = piece.FindAll(seal => !seal.Expired);
        if (kept.Count == 0)
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (first, last) = (kept[0].Number, kept[^1].Number);
        using var check = new SealCheck(kept);
        await foreach (var entry in db.Audit.AsNoTracking().Where(entry => entry.Seal >= first && entry.Seal <= last)
            .OrderBy(entry => entry.Seal).ThenBy(entry => entry.SealIndex).ThenBy(entry => entry.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (!check.Add(entry))
            {
                break;
            }
        }

        check.Finish();
        walk.Entries += check.Entries;
        if (check.Problem is { } problem && !await HasExpiredAsync(problem.Seal, cancellationToken))
        {
            walk.Break(problem.Seal, problem.Text);
        }
    }

    /// <summary>Its time came between the look at the seal and the look at its entries.</summary>
    private Task<bool> HasExpiredAsync(long number, CancellationToken cancellationToken) =>
        ReadAsync((db, cancellation) => db.AuditSeals.AnyAsync(seal => seal.Number == number && seal.Expired, cancellation), cancellationToken);

    /// <summary>Entries that say they are in a seal which has none. One statement sees one state of the database.</summary>
    private async Task<(long Seal, string Text)?> StrayAsync(long lastExpired, CancellationToken cancellationToken)
    {
        var beyond = await ReadAsync(
            (db, cancellation) => db.Audit.Where(entry => entry.Seal > (db.AuditSeals.Max(seal => (long?)seal.Number) ?? 0)).MinAsync(entry => entry.Seal, cancellation), cancellationToken);
        if (beyond is { } missing)
        {
            return (missing, "There are entries of this seal, but the seal is missing.");
        }

        var revived = await ReadAsync(
            (db, cancellation) => db.Audit.Where(entry => entry.Seal <= lastExpired).MinAsync(entry => entry.Seal, cancellation), cancellationToken);
        return revived is { } seal ? (seal, "There are entries of this seal, though it has expired.") : null;
    }

    private async Task<T> ReadAsync<T>(Func<ControlPlaneDb, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await read(db, cancellationToken);
    }

    private static IEnumerable<List<AuditSealEntity>> Pieces(List<AuditSealEntity> seals)
    {
        var piece = new List<AuditSealEntity>();
        var entries = 0;
        foreach (var seal in seals)
        {
            if (piece.Count > 0 && entries + seal.Entries > PieceEntries)
            {
                yield return piece;
                (piece, entries) = ([], 0);
            }

            piece.Add(seal);
            entries += seal.Entries;
        }

        if (piece.Count > 0)
        {
            yield return piece;
        }
    }

    /// <summary>Where the walk is, and what it has seen.</summary>
    private sealed class Walk(string? expected)
    {
        private string _hash = SealHash.Zero;
        private DateTime? _sealedAt;
        private long _seals;
        private long _expired;
        private long? _expectedSeal;

        public long Number { get; private set; }

        public long LastExpired { get; private set; }

        public long Entries { get; set; }

        public (long Seal, string Text)? Broken { get; private set; }

        public void Break(long seal, string text) => Broken ??= (seal, text);

        /// <summary>Is it the next one, and does it know the one before?</summary>
        public void Link(AuditSealEntity seal, DateTime now)
        {
            if (seal.Number != Number + 1)
            {
                Break(Number + 1, seal.Number == Number + 2 ? "The seal is missing." : $"The seals {Number + 1} to {seal.Number - 1} are missing.");
            }
            else if (!string.Equals(seal.PreviousHash, _hash, StringComparison.Ordinal))
            {
                Break(seal.Number, "It does not follow the seal before it: one of the two was changed.");
            }
            else if (seal.Expired && LastExpired != Number)
            {
                Break(seal.Number, "It is marked as expired, though older seals are kept.");
            }
            else if (seal.Expired && seal.SealedAt > now - AuditSettings.Least)
            {
                Break(seal.Number, "It is marked as expired, though it is younger than anything that is deleted by age.");
            }
            else
            {
                (Number, _hash, _sealedAt) = (seal.Number, seal.Hash, seal.SealedAt);
                _seals++;
                if (seal.Expired)
                {
                    LastExpired = seal.Number;
                    _expired++;
                }

                if (string.Equals(seal.Hash, expected, StringComparison.OrdinalIgnoreCase))
                {
                    _expectedSeal = seal.Number;
                }
            }
        }

        public AuditVerification End((long Seal, string Text)? strays, long unsealed)
        {
            if (strays is { } stray)
            {
                Break(stray.Seal, stray.Text);
            }

            if (expected is not null && _expectedSeal is null)
            {
                Break(Number + 1, "The chain ends without the expected hash: newer seals were cut off, or the chain was made anew.");
            }

            return new AuditVerification(
                Broken is null, Broken?.Text, Broken?.Seal, _seals, _expired, Entries, unsealed, Number, _hash, _sealedAt, _expectedSeal);
        }
    }
}
