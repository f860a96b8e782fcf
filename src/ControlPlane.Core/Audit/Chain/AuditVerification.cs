namespace ControlPlane.Core.Audit.Chain;

/// <summary>What a walk along the chain found.</summary>
/// <param name="Intact">Every entry is as it was sealed, and none is missing.</param>
/// <param name="Problem">What is wrong at the first broken place; null when intact.</param>
/// <param name="BrokenSeal">Its seal.</param>
/// <param name="Seals">Seals that were looked at.</param>
/// <param name="ExpiredSeals">Of these, those whose entries were deleted by age; only their hashes remain.</param>
/// <param name="Entries">Entries that were looked at.</param>
/// <param name="Unsealed">Entries that wait for their seal, for about a second.</param>
/// <param name="HeadNumber">The newest seal; 0 when there is none.</param>
/// <param name="HeadHash">Its hash: note it elsewhere.</param>
/// <param name="HeadSealedAt">When it was made.</param>
/// <param name="ExpectedSeal">The seal whose hash was expected; null when none was asked for, or it is not in the chain.</param>
public sealed record AuditVerification(
    bool Intact, string? Problem, long? BrokenSeal, long Seals, long ExpiredSeals, long Entries, long Unsealed,
    long HeadNumber, string HeadHash, DateTime? HeadSealedAt, long? ExpectedSeal);
