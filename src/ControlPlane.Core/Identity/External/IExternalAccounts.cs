using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity.External;

/// <summary>Brings the account of somebody that a directory or provider vouches for up to date, and makes it when it is new.</summary>
public interface IExternalAccounts
{
    /// <summary>
    /// Found by issuer and subject, never by name or e-mail. Conflict <c>account.name_taken</c>, forbidden <c>auth.no_access</c>
    /// or an account that is disabled are answers, not exceptions.
    /// </summary>
    Task<Result<UserEntity>> ProvisionAsync(ExternalPerson person, Caller system, CancellationToken cancellationToken);
}
