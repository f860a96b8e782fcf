using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Results;
using ControlPlane.Ldap;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Directories.Passwords;

/// <summary>
/// Search-then-bind: the reader finds the person, the person's password is shown to the directory on a connection of its own. One deadline
/// for everything, and not more at a time than the settings say. What was wrong is told to the administrator's log only.
/// </summary>
internal sealed partial class DirectoryPasswords(
    DirectorySettingsService settings, DirectoryConnector connector, IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock,
    ILogger<DirectoryPasswords> logger) : IDirectoryPasswords, IDisposable
{
    private const int MostNameCharacters = 256;
    private const int MostPasswordCharacters = 1024;

    private readonly Lock _sync = new();
    private SemaphoreSlim _slots = new(1);
    private int _slotCount = 1;

    public bool IsEnabled => settings.Current.Settings.Enabled;

    public async Task<Result<ExternalPerson>> CheckAsync(string name, string password, CancellationToken cancellationToken)
    {
        var configuration = settings.Current;
        if (!configuration.Settings.Enabled || !IsPlausible(name, password))
        {
            return Invalid;
        }

        using var timeOut = new CancellationTokenSource(TimeSpan.FromSeconds(configuration.Settings.SignInTimeoutSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellationToken);
        var slots = Slots(configuration.Settings.MaxParallelSignIns);
        try
        {
            await slots.WaitAsync(either.Token);
            try
            {
                return await CheckAsync(configuration, name, password, either.Token);
            }
            finally
            {
                slots.Release();
            }
        }
        catch (OperationCanceledException) when (timeOut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogTooLate(configuration.Settings.SignInTimeoutSeconds);
            return Unavailable;
        }
    }

    public void Dispose() => _slots.Dispose();

    // Nobody learns more than this: not whether the name exists, nor why the directory says no.
    internal static UnauthenticatedError Invalid => new("auth.invalid", "The name or the password is wrong.");

    internal static UnavailableError Unavailable =>
        new("directory.unavailable", "The directory does not answer. Try again in a minute, or sign in with a local account.", RetryAfterSeconds: 30);

    internal static bool IsPlausible(string? name, string? password) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MostNameCharacters && !name.Any(char.IsControl)
        && !string.IsNullOrWhiteSpace(password) && password.Length <= MostPasswordCharacters && !password.Contains('\0', StringComparison.Ordinal);

    private async Task<Result<ExternalPerson>> CheckAsync(DirectoryConfiguration configuration, string name, string password, CancellationToken cancellationToken)
    {
        var unavailable = false;
        foreach (var search in configuration.Settings.Searches)
        {
            var opening = await connector.OpenAsync(configuration, DistinguishedName.Parse(search.BaseDn), cancellationToken);
            if (opening.Session is not { } session)
            {
                unavailable = true;
                continue;
            }

            await using (session)
            {
                var found = await session.FindAsync(PersonSearch.Named(configuration.Settings, search, name), cancellationToken);
                if (found.Entries.Count > 1)
                {
                    LogAmbiguous(DirectoryPerson.Tidy(found.Entries[0].Dn), DirectoryPerson.Tidy(found.Entries[1].Dn));
                    return Invalid;
                }

                if (found.Problem is { } problem)
                {
                    LogFailed(problem.ToString());
                    unavailable = true;
                    continue;
                }

                if (found.Entries.Count == 1)
                {
                    return await CheckAsync(configuration, search, session, found.Entries[0], password, cancellationToken);
                }
            }
        }

        if (unavailable)
        {
            return Unavailable;
        }

        LogNobody();
        return Invalid;
    }

    private async Task<Result<ExternalPerson>> CheckAsync(
        DirectoryConfiguration configuration, UserSearch search, DirectorySession session, LdapEntry entry, string password, CancellationToken cancellationToken)
    {
        var person = DirectoryPerson.Read(entry, configuration.Settings, search, clock.GetUtcNow(), out var flaw);
        if (person is null)
        {
            LogFailed(flaw ?? "");
            return Invalid;
        }

        var who = DirectoryPerson.Tidy(entry.Dn);
        try
        {
            await connector.BindAsync(configuration, session.Server, entry.Dn, password, cancellationToken);
        }
        catch (LdapException error) when (error.Kind is LdapErrorKind.InvalidCredentials or LdapErrorKind.EmptyPassword or LdapErrorKind.AccessDenied)
        {
            LogRefused(who, error.AdFailure is { } failure ? DirectoryProblem.AdviceFor(failure) : error.Message);
            return Invalid;
        }
        catch (LdapException error)
        {
            LogFailed(DirectoryProblem.Of(session.Server, error).ToString());
            return Unavailable;
        }

        // After the bind, so that the answer takes as long as any other.
        if (person.DisabledBecause is { } reason)
        {
            LogRefused(who, reason);
            return Invalid;
        }

        var verdict = await new PersonVerdict(configuration.Settings, session, databases).JudgeAsync(person, search, cancellationToken);
        foreach (var note in verdict.Notes)
        {
            LogNote(who, note);
        }

        if (verdict.Problem is { } problem)
        {
            LogFailed(problem.ToString());
            return Unavailable;
        }

        if (verdict.Refusal is { } refusal)
        {
            LogRefused(who, refusal);
            return verdict.IsStranger ? Invalid : NoAccess;
        }

        return person.ToExternal([.. verdict.Teams.Select(team => team.TeamId)], verdict.IsAdministrator);
    }

    private static ForbiddenError NoAccess =>
        new("auth.no_access", "The directory knows you, but you have no account here. Ask an administrator.");

    private SemaphoreSlim Slots(int count)
    {
        lock (_sync)
        {
            if (_slotCount != count)
            {
                // Whoever waits at the old one goes through it; it is small and the collector's.
                (_slots, _slotCount) = (new SemaphoreSlim(count), count);
            }

            return _slots;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A sign-in by the directory could not be decided. {Problem}")]
    private partial void LogFailed(string problem);

    [LoggerMessage(LogLevel.Warning, "A sign-in by the directory was not decided within {Seconds} s.")]
    private partial void LogTooLate(int seconds);

    [LoggerMessage(LogLevel.Information, "A sign-in by the directory was refused: the name belongs to nobody there.")]
    private partial void LogNobody();

    [LoggerMessage(LogLevel.Warning, "A sign-in by the directory was refused: the name belongs to several, {First} and {Second} among them.")]
    private partial void LogAmbiguous(string? first, string? second);

    [LoggerMessage(LogLevel.Information, "The directory does not let {Who} in: {Reason}")]
    private partial void LogRefused(string? who, string reason);

    [LoggerMessage(LogLevel.Warning, "Sign-in of {Who}: {Note}")]
    private partial void LogNote(string? who, string note);
}
