using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity.External;

/// <summary>Accounts of people that a directory or a provider vouches for.</summary>
public interface IExternalAccounts
{
    /// <summary>
    /// The account of this person, made or brought up to date. Refusals: <c>auth.no_access</c> (no team, and one is required),
    /// <c>account.disabled</c>, <c>account.name_taken</c>.
    /// </summary>
    /// <param name="person">Who, as the source says.</param>
    /// <param name="system">Who the audit entries name: <see cref="Caller.System"/>, with the address of the person where there is one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Result<UserEntity>> ProvisionAsync(ExternalPerson person, Caller system, CancellationToken cancellationToken);

    /// <summary>The same for many, in few transactions; the answers are in the order of the people.</summary>
    Task<IReadOnlyList<Result<UserEntity>>> ProvisionAllAsync(
        IReadOnlyList<ExternalPerson> people, Caller system, CancellationToken cancellationToken);
}
