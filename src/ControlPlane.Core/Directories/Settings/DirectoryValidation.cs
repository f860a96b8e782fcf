using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>All that is wrong with settings, by field.</summary>
internal static class DirectoryValidation
{
    private const int MostServers = 20;
    private const int MostSearches = 20;
    private const int MostSignInAttributes = 8;
    private const int MostPemCharacters = 200_000;
    private const int MostAttributeCharacters = 100;
    private const int MostPasswordCharacters = 1024;
    private const string DnShape = "must be a distinguished name, e.g. ou=people,dc=example,dc=org";

    public static List<FieldError> Check(DirectorySettings settings)
    {
        var errors = new List<FieldError>();
        if (settings.Servers.Count > MostServers || (settings.Enabled && settings.Servers.Count == 0))
        {
            errors.Add(new FieldError("servers", $"must be 1 to {MostServers}"));
        }

        if (settings.Searches.Count > MostSearches || (settings.Enabled && settings.Searches.Count == 0))
        {
            errors.Add(new FieldError("searches", $"must be 1 to {MostSearches}"));
        }

        for (var i = 0; i < Math.Min(settings.Servers.Count, MostServers); i++)
        {
            CheckServer(settings, i, errors);
        }

        for (var i = 0; i < Math.Min(settings.Searches.Count, MostSearches); i++)
        {
            CheckSearch(settings, i, errors);
        }

        if (settings.SignInAttributes.Count > MostSignInAttributes)
        {
            errors.Add(new FieldError("signInAttributes", $"must be at most {MostSignInAttributes}"));
        }

        for (var i = 0; i < Math.Min(settings.SignInAttributes.Count, MostSignInAttributes); i++)
        {
            CheckAttribute($"signInAttributes[{i}]", settings.SignInAttributes[i], errors);
        }

        if (settings.KeyAttribute is not null)
        {
            CheckAttribute("keyAttribute", settings.KeyAttribute, errors);
        }

        if (settings.Administrators is { } rule)
        {
            CheckRule("administrators", rule, errors);
        }

        if (settings.SyncSchedule.Length > 0 && SyncSchedule.Parse(settings.SyncSchedule) is null)
        {
            errors.Add(new FieldError("syncSchedule", "must be a cron expression of five fields, e.g. 0 * * * *, or @hourly, @daily, @weekly; empty for by hand only"));
        }

        CheckRange("connectTimeoutSeconds", settings.ConnectTimeoutSeconds, 30, errors);
        CheckRange("operationTimeoutSeconds", settings.OperationTimeoutSeconds, 60, errors);
        CheckRange("signInTimeoutSeconds", settings.SignInTimeoutSeconds, 30, errors);
        CheckRange("maxParallelSignIns", settings.MaxParallelSignIns, 256, errors);
        return errors;
    }

    /// <summary>What is allowed and yet unsafe or without effect.</summary>
    public static List<string> Warnings(DirectorySettings settings)
    {
        var warnings = new List<string>();
        foreach (var server in settings.Servers)
        {
            if (server.SkipTlsVerify)
            {
                warnings.Add($"{server.Url}: the certificate is not checked. Whoever is on the way can read the passwords.");
            }

            if (server.Security == LdapSecurity.None)
            {
                warnings.Add($"{server.Url}: passwords cross the network readable.");
            }

            if (server.StartTls && server.Security == LdapSecurity.Tls)
            {
                warnings.Add($"{server.Url}: StartTLS means nothing with ldaps.");
            }

            if (server.ReaderDn is null)
            {
                warnings.Add($"{server.Url}: searches anonymously.");
            }
        }

        return warnings;
    }

    public static X509Certificate2Collection? ReadCertificates(string? pem)
    {
        if (pem is null)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates.Count == 0 ? throw new CryptographicException("There is no certificate in it.") : certificates;
    }

    private static void CheckServer(DirectorySettings settings, int index, List<FieldError> errors)
    {
        var (server, field) = (settings.Servers[index], $"servers[{index}]");
        if (server.Uri is not { Host.Length: > 0, UserInfo: "", Query: "", Fragment: "", AbsolutePath: "" or "/" } || server.Url.Length > 300)
        {
            errors.Add(new FieldError($"{field}.url", "must be ldaps://host or ldap://host, with a port if it is not the usual one"));
        }
        else if (server.Security == LdapSecurity.None && !server.AllowPlainLdap)
        {
            errors.Add(new FieldError($"{field}.url", "would send passwords readable over the network: use ldaps://, set startTls, or accept it by allowPlainLdap"));
        }

        if (server.Domain is not null)
        {
            CheckDn($"{field}.domain", server.Domain, errors);
        }

        if (server.RootCertificates is { Length: > MostPemCharacters } || !IsPem(server.RootCertificates))
        {
            errors.Add(new FieldError($"{field}.rootCertificates", "must be certificates in PEM form"));
        }

        if (server.ReaderDn is { } reader && !IsReader(reader))
        {
            errors.Add(new FieldError($"{field}.readerDn", DnShape + "; Active Directory also takes name@domain"));
        }

        if (server.ReaderPassword is { } password && (string.IsNullOrWhiteSpace(password) || password.Length > MostPasswordCharacters || password.Contains('\0', StringComparison.Ordinal)))
        {
            errors.Add(new FieldError($"{field}.readerPassword", $"must have 1 to {MostPasswordCharacters} characters, not only blanks and no NUL"));
        }
        else if (server.ReaderPassword is not null && server.ReaderDn is null)
        {
            errors.Add(new FieldError($"{field}.readerDn", "is needed with a password"));
        }
        else if (server is { ReaderDn: not null, ReaderPassword: null, ReaderPasswordSet: false })
        {
            errors.Add(new FieldError(
                $"{field}.readerPassword", "is needed: none is kept for this url and readerDn, and a kept one is not sent over a weaker protection"));
        }

        if (settings.Servers.Take(index).Any(other => other.Key == server.Key && other.Domain == server.Domain))
        {
            errors.Add(new FieldError($"{field}.url", "is there twice"));
        }
    }

    private static void CheckSearch(DirectorySettings settings, int index, List<FieldError> errors)
    {
        var (search, field) = (settings.Searches[index], $"searches[{index}]");
        if (CheckDn($"{field}.baseDn", search.BaseDn, errors) && settings.Servers.Count > 0
            && ServerChoice.For(settings.Servers, DistinguishedName.Parse(search.BaseDn)).Count == 0)
        {
            errors.Add(new FieldError($"{field}.baseDn", "is in none of the servers' domains, and there is no server without a domain"));
        }

        CheckAttribute($"{field}.userNameAttribute", search.UserNameAttribute, errors);
        CheckAttribute($"{field}.fullNameAttribute", search.FullNameAttribute, errors);
        CheckAttribute($"{field}.emailAttribute", search.EmailAttribute, errors);
        CheckAttribute($"{field}.memberAttribute", search.MemberAttribute, errors);
        CheckFilter($"{field}.filter", search.Filter, errors);
        if (search.MatchGroup && search.GroupDn is null)
        {
            errors.Add(new FieldError($"{field}.groupDn", "is needed to match the members of a group"));
        }

        if (search.GroupDn is not null)
        {
            CheckDn($"{field}.groupDn", search.GroupDn, errors);
        }

        if (search.IterateMembers && !search.MatchGroup)
        {
            errors.Add(new FieldError($"{field}.iterateMembers", "goes through the members of a group: set matchGroup and groupDn"));
        }
    }

    private static void CheckRule(string field, TeamDirectoryRule rule, List<FieldError> errors)
    {
        if (rule.GroupDn is null == (rule.BaseDn is null))
        {
            errors.Add(new FieldError(field, "names either groupDn (members of a group) or baseDn with filter (what a search finds)"));
            return;
        }

        CheckDn(rule.GroupDn is null ? $"{field}.baseDn" : $"{field}.groupDn", rule.GroupDn ?? rule.BaseDn!, errors);
        if (rule.BaseDn is not null && string.IsNullOrWhiteSpace(rule.Filter))
        {
            errors.Add(new FieldError($"{field}.filter", "is needed with baseDn: without it everybody found would be an administrator"));
        }

        CheckFilter($"{field}.filter", rule.Filter, errors);
        if (rule.MemberAttribute is not null)
        {
            CheckAttribute($"{field}.memberAttribute", rule.MemberAttribute, errors);
        }
    }

    private static bool CheckDn(string field, string dn, List<FieldError> errors)
    {
        if (!string.IsNullOrWhiteSpace(dn) && DistinguishedName.TryParse(dn, out _, out _))
        {
            return true;
        }

        errors.Add(new FieldError(field, DnShape));
        return false;
    }

    private static void CheckFilter(string field, string? filter, List<FieldError> errors)
    {
        if (!string.IsNullOrWhiteSpace(filter) && !LdapFilter.TryParse(filter, out _, out var problem))
        {
            errors.Add(new FieldError(field, $"must be an LDAP filter (RFC 4515): {problem}"));
        }
    }

    private static void CheckAttribute(string field, string? attribute, List<FieldError> errors)
    {
        if (attribute is not { Length: <= MostAttributeCharacters } || !LdapFilter.IsAttribute(attribute))
        {
            errors.Add(new FieldError(field, "must be the name of an attribute, e.g. uid"));
        }
    }

    private static void CheckRange(string field, int value, int most, List<FieldError> errors)
    {
        if (value < 1 || value > most)
        {
            errors.Add(new FieldError(field, string.Create(CultureInfo.InvariantCulture, $"must be 1 to {most}")));
        }
    }

    private static bool IsReader(string reader) =>
        reader.Length is > 0 and <= 1000 && !reader.Any(char.IsControl)
        && (reader.Contains('@', StringComparison.Ordinal) || reader.Contains('\\', StringComparison.Ordinal)
            || (DistinguishedName.TryParse(reader, out var dn, out _) && !dn.IsRoot));

    private static bool IsPem(string? pem)
    {
        try
        {
            ReadCertificates(pem);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
