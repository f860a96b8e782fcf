using ControlPlane.Core.Results;

namespace ControlPlane.Core.Identity.External;

/// <summary>Passwords that a directory checks (LDAP, Active Directory). Sign-in asks it for names that are no local accounts.</summary>
public interface IDirectoryPasswords
{
    bool IsEnabled { get; }

    /// <summary>
    /// The person, when the directory takes the password. Unauthenticated with <c>auth.invalid</c> when it does not, or when the name is
    /// nobody's or several people's; unavailable with <c>directory.unavailable</c> when it does not answer in time.
    /// </summary>
    Task<Result<ExternalPerson>> CheckAsync(string name, string password, CancellationToken cancellationToken);
}
