using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Passwords;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Testing;

/// <summary>Goes the way of a sign-in and says at each step what it found. Every server is tried, for itself and whatever the circuit says.</summary>
internal sealed class DirectoryProbe(ILdapDirectory directory, IDbContextFactory<ControlPlaneDb> databases, AccessStore access, TimeProvider clock)
{
    // Somebody waits for it in front of a page.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public async Task<DirectoryTestReport> RunAsync(DirectoryConfiguration configuration, string? userName, string? password, CancellationToken cancellationToken)
    {
        using var timeOut = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellationToken);
        var attempt = new Attempt(configuration, directory, databases, access, clock);
        try
        {
            await attempt.RunAsync(userName, password, either.Token);
        }
        catch (OperationCanceledException) when (timeOut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            attempt.Steps.Add(new DirectoryTestStep(
                "deadline", "", false, string.Create(CultureInfo.InvariantCulture, $"The test was not done within {Longest.TotalSeconds:F0} s."),
                "Check the servers above that took long.", Longest.TotalMilliseconds, []));
        }

        return new DirectoryTestReport(
            attempt.Steps.TrueForAll(step => step.Passed != false), attempt.Steps, attempt.UserDn, attempt.Teams, attempt.Grants, attempt.Administrator);
    }

    private sealed class Attempt(
        DirectoryConfiguration configuration, ILdapDirectory directory, IDbContextFactory<ControlPlaneDb> databases, AccessStore access, TimeProvider clock)
    {
        private const int MostDetails = 100;

        private readonly Dictionary<string, bool> _usable = new(StringComparer.Ordinal);

        public List<DirectoryTestStep> Steps { get; } = [];

        public string? UserDn { get; private set; }

        public IReadOnlyList<string> Teams { get; private set; } = [];

        public IReadOnlyList<string> Grants { get; private set; } = [];

        public bool? Administrator { get; private set; }

        public async Task RunAsync(string? userName, string? password, CancellationToken cancellationToken)
        {
            foreach (var server in configuration.Settings.Servers)
            {
                await using var session = await OpenAsync(server, cancellationToken);
                _usable[server.Key] = session is not null;
            }

            if (userName is null)
            {
                foreach (var search in configuration.Settings.Searches)
                {
                    await using var session = await SessionForAsync(search, cancellationToken);
                    if (session is not null)
                    {
                        await CountAsync(session, search, cancellationToken);
                    }
                }

                return;
            }

            foreach (var search in configuration.Settings.Searches)
            {
                await using var session = await SessionForAsync(search, cancellationToken);
                if (session is not null && await FindAsync(session, search, userName, cancellationToken) is { } entry)
                {
                    await JudgeAsync(session, search, entry, password, cancellationToken);
                    return;
                }
            }

            Fail("user", "", "Nobody was found by this name.", "Check the filter, the base and signInAttributes above.", 0);
        }

        private async Task<DirectorySession?> OpenAsync(DirectoryServer server, CancellationToken cancellationToken)
        {
            var watch = Stopwatch.GetTimestamp();
            string[] certificate = [];
            ILdapSession? session = null;
            try
            {
                session = await directory.OpenAsync(configuration.LdapOf(server) with { CertificateSeen = seen => certificate = Describe(seen) }, cancellationToken);
                Pass("connect", server.Url, "Connected.", Since(watch));
                Pass("tls", server.Url, server.Security == LdapSecurity.None ? "No TLS: what is said can be read on the way." : $"Protected ({server.Security}).", Since(watch), certificate);
            }
            catch (LdapException error)
            {
                var problem = DirectoryProblem.Of(server, error);
                Fail(StepOf(error), server.Url, problem.What, problem.Advice, Since(watch), certificate);
                return null;
            }

            watch = Stopwatch.GetTimestamp();
            try
            {
                if (server.ReaderDn is { } reader && configuration.PasswordOf(server) is { } secret)
                {
                    await session.BindAsync(reader, secret, cancellationToken);
                    Pass("readerBind", server.Url, $"Bound as {reader}.", Since(watch));
                }
                else
                {
                    await session.BindAnonymouslyAsync(cancellationToken);
                    Pass("readerBind", server.Url, "Bound anonymously.", Since(watch));
                }

                return new DirectorySession(session, server, new ServerCircuits(clock));
            }
            catch (LdapException error)
            {
                await session.DisposeAsync();
                var problem = DirectoryProblem.Of(server, error);
                Fail("readerBind", server.Url, problem.What, error.Kind == LdapErrorKind.InvalidCredentials ? "Check readerDn and readerPassword. " + problem.Advice : problem.Advice, Since(watch));
                return null;
            }
            catch (OperationCanceledException)
            {
                await session.DisposeAsync();
                throw;
            }
        }

        /// <summary>The first server that worked above, without saying it all again.</summary>
        private async Task<DirectorySession?> SessionForAsync(UserSearch search, CancellationToken cancellationToken)
        {
            var before = Steps.Count;
            foreach (var server in ServerChoice.For(configuration.Settings.Servers, DistinguishedName.Parse(search.BaseDn)).Where(server => _usable.GetValueOrDefault(server.Key)))
            {
                if (await OpenAsync(server, cancellationToken) is { } session)
                {
                    Steps.RemoveRange(before, Steps.Count - before);
                    return session;
                }
            }

            Fail("search", search.BaseDn, "No server for this base works.", "See the servers above.", 0);
            return null;
        }

        private async Task CountAsync(DirectorySession session, UserSearch search, CancellationToken cancellationToken)
        {
            var watch = Stopwatch.GetTimestamp();
            var query = PersonSearch.All(configuration.Settings, search);
            var found = await session.FindAsync(query, cancellationToken);
            string[] details = [$"filter {query.Filter}", $"scope {query.Scope}", $"by {session.Server.Url}"];
            if (found.Problem is { } problem)
            {
                Fail("search", search.BaseDn, problem.What, problem.Advice, Since(watch), details);
                return;
            }

            if (found.Entries.Count == 0)
            {
                Fail("search", search.BaseDn, "Found nobody.", "Check the base, the scope and the filter, and what the reader may see.", Since(watch), details);
                return;
            }

            Pass("search", search.BaseDn, string.Create(CultureInfo.InvariantCulture, $"Found {found.Entries.Count}."), Since(watch), details);
        }

        private async Task<LdapEntry?> FindAsync(DirectorySession session, UserSearch search, string userName, CancellationToken cancellationToken)
        {
            var watch = Stopwatch.GetTimestamp();
            var query = PersonSearch.Named(configuration.Settings, search, userName);
            var found = await session.FindAsync(query, cancellationToken);
            string[] details = [$"filter {query.Filter}", $"scope {query.Scope}", $"by {session.Server.Url}", .. found.Entries.Select(entry => DirectoryPerson.Tidy(entry.Dn) ?? "")];
            switch (found)
            {
                case { Entries.Count: > 1 }:
                    Fail("search", search.BaseDn, "Several have this name: such a sign-in is refused.", "Make the attribute unique, or do not sign in by it.", Since(watch), details);
                    return null;
                case { Problem: { } problem }:
                    Fail("search", search.BaseDn, problem.What, problem.Advice, Since(watch), details);
                    return null;
                case { Entries.Count: 0 }:
                    Steps.Add(new DirectoryTestStep("search", search.BaseDn, null, "Found nobody by this name.", null, Since(watch), details));
                    return null;
                default:
                    Pass("search", search.BaseDn, "Found exactly one.", Since(watch), details);
                    return found.Entries[0];
            }
        }

        private async Task JudgeAsync(DirectorySession session, UserSearch search, LdapEntry entry, string? password, CancellationToken cancellationToken)
        {
            UserDn = DirectoryPerson.Tidy(entry.Dn);
            var who = UserDn ?? "";
            var person = DirectoryPerson.Read(entry, configuration.Settings, search, clock.GetUtcNow(), out var flaw);
            if (person is null)
            {
                Fail("attributes", who, flaw ?? "", "Check userNameAttribute and keyAttribute, and what the reader may see.", 0, Attributes(entry));
                return;
            }

            Pass("attributes", who, $"Name {person.Name}, key {person.Subject}.", 0, Attributes(entry));
            await BindAsync(session.Server, who, entry.Dn, password, cancellationToken);
            if (person.DisabledBecause is { } reason)
            {
                Fail("account", who, $"The directory does not let them in: {reason}.", "Enable the account in the directory.", 0);
            }

            var watch = Stopwatch.GetTimestamp();
            var judge = new PersonVerdict(configuration.Settings, session, databases);
            var verdict = await judge.JudgeAsync(person, search, cancellationToken);
            string[] groups =
            [
                .. judge.Groups.Known.Values.SelectMany(set => set.All.Values.Select(group =>
                    $"{(set.Direct.ContainsKey(group.Key) ? "direct" : "nested")} {DirectoryPerson.Tidy(group.ToString())}")).Distinct(StringComparer.Ordinal).Take(MostDetails),
            ];
            if (verdict.Problem is { } problem)
            {
                Fail("groups", who, problem.What, problem.Advice, Since(watch), groups);
                return;
            }

            Pass("groups", who, string.Create(CultureInfo.InvariantCulture, $"{groups.Length} groups ({configuration.Settings.NestedGroups})."), Since(watch), [.. groups, .. verdict.Notes]);
            Conclude(verdict, person, who);
        }

        private async Task BindAsync(DirectoryServer server, string who, string dn, string? password, CancellationToken cancellationToken)
        {
            if (password is null)
            {
                Steps.Add(new DirectoryTestStep("userBind", who, null, "Left out: no password was given.", null, 0, []));
                return;
            }

            var watch = Stopwatch.GetTimestamp();
            if (!DirectoryPasswords.IsPlausible("user", password))
            {
                Fail("userBind", who, "An empty or blank password, or one with a NUL, is never sent.", "Give the person's password.", 0);
                return;
            }

            try
            {
                await using var session = await directory.OpenAsync(configuration.LdapOf(server), cancellationToken);
                await session.BindAsync(dn, password, cancellationToken);
                Pass("userBind", who, "The directory takes the password.", Since(watch));
            }
            catch (LdapException error)
            {
                var problem = DirectoryProblem.Of(server, error);
                Fail("userBind", who, problem.What, problem.Advice, Since(watch));
            }
        }

        private void Conclude(Verdict verdict, DirectoryPerson person, string who)
        {
            if (verdict.Refusal is { } refusal)
            {
                Fail("account", who, $"A sign-in would be refused: the person {refusal}.", "Change the settings, or let the person be synchronised.", 0);
            }
            else if (verdict.Account is { DisabledAt: not null } disabled)
            {
                Fail("account", who, $"The account {disabled.Name} is disabled (by {disabled.DisabledBy}).", "Enable it under Users.", 0);
            }
            else
            {
                Pass("account", who, verdict.Account is { } account ? $"Has the account {account.Name}." : $"Would get the account {person.Name}.", 0);
            }

            var snapshot = access.Current;
            Teams = [.. verdict.Teams.Select(team => team.TeamName)];
            Administrator = verdict.IsAdministrator;
            var teamIds = verdict.Teams.ToDictionary(team => team.TeamId, team => team.TeamName, StringComparer.Ordinal);
            Grants =
            [
                .. snapshot.Grants.Select(grant => (Grant: grant, Because: grant.SubjectKind switch
                {
                    SubjectKind.Team => teamIds.TryGetValue(grant.SubjectId, out var name) ? $"team {name}" : null,
                    SubjectKind.User => grant.SubjectId == verdict.Account?.Id ? "the account's own" : null,
                    _ => "everyone",
                })).Where(grant => grant.Because is not null)
                .Select(grant => $"{(snapshot.Roles.TryGetValue(grant.Grant.RoleId, out var role) ? role.Name : grant.Grant.RoleId)} on {grant.Grant.Collection} ({grant.Because})")
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ];
            Pass("teams", who, Teams.Count == 0 ? "Belongs to no team by its rules." : string.Join(", ", Teams), 0, [.. Grants.Take(MostDetails)]);
            Pass("administrator", who, Administrator switch
            {
                true => "An administrator by word of the directory.",
                false => "No administrator by word of the directory.",
                null => "The directory does not say who administers.",
            }, 0);
        }

        private void Pass(string name, string target, string message, double milliseconds, params IReadOnlyList<string> details) =>
            Steps.Add(new DirectoryTestStep(name, target, true, message, null, milliseconds, details));

        private void Fail(string name, string target, string message, string advice, double milliseconds, params IReadOnlyList<string> details) =>
            Steps.Add(new DirectoryTestStep(name, target, false, message, advice, milliseconds, details));

        private static double Since(long watch) => Math.Round(Stopwatch.GetElapsedTime(watch).TotalMilliseconds, 1);

        private static string StepOf(LdapException error) => error.Kind switch
        {
            LdapErrorKind.NameNotResolved => "resolve",
            LdapErrorKind.Refused or LdapErrorKind.Unreachable => "connect",
            LdapErrorKind.TimedOut when error.Message.Contains("connection", StringComparison.Ordinal) => "connect",
            _ => "tls",
        };

        private static string[] Describe(X509Certificate2 certificate) =>
        [
            $"subject {certificate.Subject}", $"issuer {certificate.Issuer}",
            $"names {string.Join(' ', certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))))}",
            string.Create(CultureInfo.InvariantCulture, $"valid {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}"),
        ];

        // What was asked for and nothing else: other attributes may be nobody's business.
        private static string[] Attributes(LdapEntry entry) =>
        [
            .. entry.Attributes.Take(MostDetails).Select(attribute =>
                $"{attribute.Name}: {(attribute.Name.EndsWith("GUID", StringComparison.OrdinalIgnoreCase) ? entry.Guid(attribute.Name)?.ToString("D") : DirectoryPerson.Tidy(entry.First(attribute.Name)))}"),
        ];
    }
}
