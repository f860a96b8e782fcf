using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Identity.External;

/// <summary>
/// Makes and updates the accounts of people that sign in elsewhere. An account is found by (issuer, subject) and by nothing else: a name
/// or an address that two sources know is never a way from one account into another.
/// </summary>
public sealed partial class ExternalAccounts(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore access, AuditTrail audit, CallerCache cache, TimeProvider clock,
    ILogger<ExternalAccounts> logger) : IExternalAccounts
{
    // Each transaction that changes memberships reads all of them again: few large ones, yet none that locks for long.
    private const int BatchSize = 250;

    // Somebody else wrote the same person meanwhile: they are there the next time.
    private const int Attempts = 4;

    public async Task<Result<UserEntity>> ProvisionAsync(ExternalPerson person, Caller system, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        return (await SaveAsync([person], system, Attempts, cancellationToken))![0];
    }

    public async Task<IReadOnlyList<Result<UserEntity>>> ProvisionAllAsync(
        IReadOnlyList<ExternalPerson> people, Caller system, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(people);
        var results = new List<Result<UserEntity>>(people.Count);
        foreach (var batch in people.Chunk(BatchSize))
        {
            if (await SaveAsync(batch, system, attempts: 1, cancellationToken) is { } saved)
            {
                results.AddRange(saved);
                continue;
            }

            // One of them clashed: the others must not suffer.
            foreach (var person in batch)
            {
                results.Add(await ProvisionAsync(person, system, cancellationToken));
            }
        }

        return results;
    }

    /// <summary>Null when others' writes came in between and more than one person is at stake.</summary>
    private async Task<List<Result<UserEntity>>?> SaveAsync(
        ExternalPerson[] people, Caller system, int attempts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var unit = await ProvisioningUnit.ReadAsync(db, people, cancellationToken);
            var outcomes = people.Select(person => unit.Apply(person, clock.GetUtcNow())).ToList();
            foreach (var (person, outcome) in people.Zip(outcomes))
            {
                Note(db, system, person, outcome);
            }

            try
            {
                if (unit.MembershipsChanged)
                {
                    await access.SaveAsync(db, cancellationToken);
                }
                else
                {
                    await db.SaveChangesAsync(cancellationToken);
                }
            }
            catch (DbUpdateException) when (attempt < attempts)
            {
                continue;
            }
            catch (DbUpdateException) when (people.Length > 1)
            {
                return null;
            }

            foreach (var outcome in outcomes.Where(outcome => outcome.RightsChanged))
            {
                cache.RemoveUser(outcome.User!.Id);
            }

            return outcomes.ConvertAll(outcome => outcome.Error is { } error ? error : (Result<UserEntity>)outcome.User!);
        }
    }

    private void Note(ControlPlaneDb db, Caller system, ExternalPerson person, ProvisioningOutcome outcome)
    {
        var who = new AuditObject("user", outcome.User?.Id ?? "", outcome.User?.Name ?? person.Name);
        if (outcome.Refusal is { } refusal)
        {
            audit.Add(db, system, "auth.provision", who, AuditTrail.Refused, $"{refusal} ({person.MembershipSource}, subject {Short(person.Subject)})");
            LogRefused(logger, person.MembershipSource, Short(person.Subject), refusal);
        }

        foreach (var (action, detail) in outcome.Changes)
        {
            audit.Add(db, system, action, who, AuditTrail.Ok, detail);
        }
    }

    private static string Short(string subject) => subject.Length <= 64 ? subject : subject[..64] + "…";

    [LoggerMessage(LogLevel.Warning, "{Source} vouches for {Subject}, who is refused: {Reason}.")]
    private static partial void LogRefused(ILogger logger, string source, string subject, string reason);
}
