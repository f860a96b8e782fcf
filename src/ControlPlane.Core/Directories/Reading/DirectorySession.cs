using ControlPlane.Core.Directories.Settings;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>A session bound as the reader.</summary>
internal sealed class DirectorySession(ILdapSession session, DirectoryServer server, ServerCircuits circuits) : IAsyncDisposable
{
    public DirectoryServer Server { get; } = server;

    public bool IsUsable => session.IsUsable;

    /// <summary>All that is found. With a problem, what came before it.</summary>
    public async Task<Found> FindAsync(LdapSearch search, CancellationToken cancellationToken)
    {
        var entries = new List<LdapEntry>();
        try
        {
            // Answers of another part of the domain would only be references, which are skipped.
            var asked = search with { PageSize = Server.NoSimplePagination ? 0 : search.PageSize, DomainScope = true };
            await foreach (var entry in session.SearchAsync(asked, cancellationToken))
            {
                entries.Add(entry);
            }

            return new Found(entries, null, null);
        }
        catch (LdapException error)
        {
            if (error.Kind == LdapErrorKind.TimedOut)
            {
                circuits.TimedOut(Server.Key);
            }

            return new Found(entries, DirectoryProblem.Of(Server, error), error.Kind);
        }
        catch (OperationCanceledException)
        {
            circuits.TimedOut(Server.Key);
            throw;
        }
    }

    /// <summary>The entry of this name if it fits; null when it does not, or is not there.</summary>
    public async Task<(LdapEntry? Entry, DirectoryProblem? Problem)> GetAsync(
        DistinguishedName dn, LdapFilter? filter, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        var found = await FindAsync(
            new LdapSearch
            {
                BaseDn = dn.ToString(),
                Scope = LdapScope.Base,
                Filter = filter ?? LdapFilter.Present("objectClass"),
                Attributes = attributes,
                PageSize = 0,
            },
            cancellationToken);
        return found.Kind == LdapErrorKind.NoSuchObject ? (null, null)
            : found.Problem is { } problem ? (null, problem)
            : (found.Entries.Count > 0 ? found.Entries[0] : null, null);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();
}

/// <summary>What a search gave, and why it gave no more.</summary>
internal sealed record Found(IReadOnlyList<LdapEntry> Entries, DirectoryProblem? Problem, LdapErrorKind? Kind);
