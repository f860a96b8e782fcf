using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>Opens connections: the right server for a part of the tree, the next one when it does not answer.</summary>
internal sealed partial class DirectoryConnector(ILdapDirectory directory, ServerCircuits circuits, ILogger<DirectoryConnector> logger)
{
    /// <summary>A session bound as the reader, with what went wrong on the way; no session when no server would.</summary>
    public async Task<DirectoryOpening> OpenAsync(DirectoryConfiguration configuration, DistinguishedName baseDn, CancellationToken cancellationToken)
    {
        var problems = new List<DirectoryProblem>();
        foreach (var server in ServerChoice.For(configuration.Settings.Servers, baseDn))
        {
            if (!circuits.TryEnter(server.Key))
            {
                problems.Add(DirectoryProblem.Avoided(server));
                continue;
            }

            ILdapSession? session = null;
            try
            {
                session = await directory.OpenAsync(configuration.LdapOf(server), cancellationToken);
                if (configuration.PasswordOf(server) is { } password && server.ReaderDn is not null)
                {
                    await session.BindAsync(server.ReaderDn, password, cancellationToken);
                }
                else
                {
                    await session.BindAnonymouslyAsync(cancellationToken);
                }

                circuits.Succeeded(server.Key);
                var opened = new DirectorySession(session, server, circuits);
                session = null;
                return new DirectoryOpening(opened, problems);
            }
            catch (LdapException error)
            {
                Note(server, error);
                problems.Add(DirectoryProblem.Of(server, error));
                LogFailed(logger, problems[^1].ToString());
                if (error.Kind is LdapErrorKind.InvalidCredentials or LdapErrorKind.PlainPasswordRefused)
                {
                    // The others would say the same; too many wrong binds lock the reader out.
                    break;
                }
            }
            catch (OperationCanceledException)
            {
                // The time for everything was up while this server was asked.
                circuits.TimedOut(server.Key);
                throw;
            }
            finally
            {
                if (session is not null)
                {
                    await session.DisposeAsync();
                }
            }
        }

        if (problems.Count == 0)
        {
            problems.Add(new DirectoryProblem("no server", null, $"There is no server for {baseDn}.", "Add one, or one without a domain."));
        }

        return new DirectoryOpening(null, problems);
    }

    /// <summary>Shows a person's password to the server that knows them, on a connection of its own.</summary>
    /// <exception cref="LdapException">Refused, or no answer.</exception>
    public async Task BindAsync(DirectoryConfiguration configuration, DirectoryServer server, string dn, string password, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await directory.OpenAsync(configuration.LdapOf(server), cancellationToken);
            await session.BindAsync(dn, password, cancellationToken);
        }
        catch (LdapException error)
        {
            Note(server, error);
            throw;
        }
        catch (OperationCanceledException)
        {
            circuits.TimedOut(server.Key);
            throw;
        }
    }

    private void Note(DirectoryServer server, LdapException error)
    {
        if (error.Kind is LdapErrorKind.TimedOut or LdapErrorKind.Unreachable)
        {
            circuits.TimedOut(server.Key);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A directory server failed. {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}

/// <summary>What came of opening a session.</summary>
internal sealed record DirectoryOpening(DirectorySession? Session, IReadOnlyList<DirectoryProblem> Problems)
{
    public string Why => string.Join(' ', Problems);
}
