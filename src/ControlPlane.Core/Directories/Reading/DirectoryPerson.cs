using System.Globalization;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>Somebody as the directory knows them.</summary>
internal sealed record DirectoryPerson
{
    /// <summary>The issuer of every identity of the directory, and the source of its accounts and memberships.</summary>
    public const string Source = "ldap";

    // A text nobody reads to its end.
    private const int MostTextCharacters = 200;
    private const int MostSubjectCharacters = 255;

    // Windows' "never", in 100 ns since 1601: 0 and the highest number.
    private const long NeverExpires = long.MaxValue;

    public required string Subject { get; init; }

    public required string Name { get; init; }

    public string? FullName { get; init; }

    public string? Email { get; init; }

    public required DistinguishedName Dn { get; init; }

    /// <summary>Why the directory does not let them sign in; null when it does.</summary>
    public string? DisabledBecause { get; init; }

    public bool HasValidName => AccountName.IsValid(Name);

    /// <summary>What has to be asked for, so that a person can be read.</summary>
    public static IReadOnlyList<string> Attributes(DirectorySettings settings, UserSearch search) =>
    [
        .. ((string[])
        [
            search.UserNameAttribute, search.FullNameAttribute, search.EmailAttribute, "userAccountControl", "accountExpires", "nsAccountLock", "pwdAccountLockedTime",
            .. settings.KeyAttribute is { } key ? (string[])[key] : ["objectGUID", "entryUUID"],
        ]).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Null, with the reason, when the entry cannot be a person with an account.</summary>
    public static DirectoryPerson? Read(LdapEntry entry, DirectorySettings settings, UserSearch search, DateTimeOffset now, out string? problem)
    {
        problem = null;
        if (!DistinguishedName.TryParse(entry.Dn, out var dn, out _))
        {
            problem = $"{Tidy(entry.Dn)}: its name cannot be read";
            return null;
        }

        if (entry.First(search.UserNameAttribute) is not { } name)
        {
            problem = $"{Tidy(entry.Dn)}: has no {search.UserNameAttribute}";
            return null;
        }

        if (SubjectOf(entry, settings.KeyAttribute) is not { Length: > 0 and <= MostSubjectCharacters } subject)
        {
            problem = $"{Tidy(entry.Dn)}: has no {settings.KeyAttribute ?? "objectGUID or entryUUID"} that the reader can see";
            return null;
        }

        return new DirectoryPerson
        {
            Subject = subject,
            Name = name,
            FullName = Tidy(entry.First(search.FullNameAttribute)),
            Email = Tidy(entry.First(search.EmailAttribute)),
            Dn = dn,
            DisabledBecause = WhyDisabled(entry, now),
        };
    }

    public ExternalPerson ToExternal(IReadOnlyList<string> teamIds, bool? isAdministrator) => new()
    {
        Issuer = Source,
        Subject = Subject,
        Source = Source,
        MembershipSource = Source,
        Name = Name,
        FullName = FullName,
        Email = Email,
        DistinguishedName = Dn.ToString(),
        TeamIds = teamIds,
        IsAdministrator = isAdministrator,
    };

    /// <summary>Names of a directory go into logs and pages: no control characters, not without end.</summary>
    public static string? Tidy(string? text)
    {
        var tidy = new string([.. (text ?? "").Trim().Where(c => !char.IsControl(c)).Take(MostTextCharacters)]);
        return tidy.Length == 0 ? null : tidy;
    }

    private static string? SubjectOf(LdapEntry entry, string? attribute)
    {
        if (attribute is null)
        {
            return entry.Guid("objectGUID")?.ToString("D") ?? entry.First("entryUUID")?.ToLowerInvariant();
        }

        return string.Equals(attribute, "objectGUID", StringComparison.OrdinalIgnoreCase)
            ? entry.Guid(attribute)?.ToString("D")
            : Tidy(entry.First(attribute))?.ToLowerInvariant();
    }

    private static string? WhyDisabled(LdapEntry entry, DateTimeOffset now)
    {
        if (int.TryParse(entry.First("userAccountControl"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var control) && (control & 2) != 0)
        {
            return "disabled (userAccountControl)";
        }

        if (long.TryParse(entry.First("accountExpires"), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks is > 0 and < NeverExpires && ticks <= now.UtcDateTime.ToFileTimeUtc())
        {
            return "expired (accountExpires)";
        }

        if (string.Equals(entry.First("nsAccountLock"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return "disabled (nsAccountLock)";
        }

        // The password policy's mark for a lock that only an administrator ends.
        return entry.First("pwdAccountLockedTime") == "000001010000Z" ? "locked (pwdAccountLockedTime)" : null;
    }
}
