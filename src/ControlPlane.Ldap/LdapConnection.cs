using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Ldap.Protocol;
using ControlPlane.Ldap.Transport;

namespace ControlPlane.Ldap;

/// <summary>A connection to a directory server (RFC 4511). See <see cref="ILdapSession"/>.</summary>
public sealed class LdapConnection : ILdapSession
{
    /// <summary>Active Directory gives a few pages without entries when a filter matches little; a server that goes on and on is broken.</summary>
    private const int MostEmptyPages = 1000;

    private readonly LdapServer _server;
    private readonly Exchange _exchange;

    private LdapConnection(LdapServer server, Exchange exchange)
    {
        _server = server;
        _exchange = exchange;
    }

    /// <inheritdoc/>
    public bool IsUsable => _exchange.IsUsable;

    /// <summary>Whether TLS protects the connection.</summary>
    public bool IsEncrypted => _exchange.IsEncrypted;

    /// <summary>The name of the last successful bind; empty for an anonymous one, null while nobody is bound.</summary>
    public string? BoundName { get; private set; }

    /// <summary>Connects to the first address of the host that answers; with TLS when the settings say so.</summary>
    /// <exception cref="LdapException">Refused, Unreachable, NameNotResolved, TimedOut, TlsFailed, Certificate…, ProtocolError, ConnectionClosed.</exception>
    public static async Task<LdapConnection> ConnectAsync(LdapServer server, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(timeProvider);
        server.ThrowIfUnusable();
        using var deadline = new Deadline(server.ConnectTimeout, timeProvider, cancellationToken);
        var step = "The connection was not made in time.";
        MessageStream? stream = null;
        try
        {
            var socket = await new ServerConnector(server, timeProvider).ConnectAsync(deadline);
            stream = new MessageStream(socket, server.MaxMessageBytes);
            if (server.Security == LdapSecurity.StartTls)
            {
                step = "The server did not answer the request for TLS in time.";
                await StartTlsRequest.RunAsync(stream, deadline.Token);
            }

            if (server.Security != LdapSecurity.None)
            {
                step = "The TLS handshake did not end in time.";
                await new TlsHandshake(server, timeProvider).RunAsync(stream, deadline.Token);
            }

            var exchange = new Exchange(stream, server.OperationTimeout, timeProvider);
            stream = null;
            return new LdapConnection(server, exchange);
        }
        catch (OperationCanceledException e) when (deadline.HasPassed)
        {
            throw new LdapException(LdapErrorKind.TimedOut, step, e);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public Task BindAsync(string dn, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dn);
        ArgumentNullException.ThrowIfNull(password);
        if (string.IsNullOrWhiteSpace(dn))
        {
            return Task.FromException(new LdapException(LdapErrorKind.EmptyName, "A bind with a password needs a name."));
        }

        if (string.IsNullOrWhiteSpace(password) || password.Contains('\0', StringComparison.Ordinal))
        {
            return Task.FromException(new LdapException(LdapErrorKind.EmptyPassword, "An empty or blank password, or one with a NUL, is not sent to a directory."));
        }

        return IsEncrypted || _server.AllowPlainPasswords
            ? BindAsync(dn, Encoding.UTF8.GetBytes(password), cancellationToken)
            : Task.FromException(new LdapException(LdapErrorKind.PlainPasswordRefused, "A password is not sent over an unprotected connection."));
    }

    /// <inheritdoc/>
    public Task BindAnonymouslyAsync(CancellationToken cancellationToken) => BindAsync("", [], cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LdapEntry> SearchAsync(LdapSearch search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        _exchange.Enter();
        var running = 0;
        try
        {
            var completion = new RangeCompletion(_exchange, search);
            var partial = new List<LdapEntry>();
            var statistics = search.Statistics ?? new LdapSearchStatistics();
            var entries = 0;
            var emptyPages = 0;
            byte[] cookie = [];
            do
            {
                var before = entries;
                running = _exchange.NextId();
                var sizeLimit = search.PageSize > 0 ? 0 : search.SizeLimit;
                await _exchange.SendAsync(RequestWriter.Search(running, search, sizeLimit, search.PageSize, cookie), cancellationToken);
                ResultMessage? done = null;
                while (done is null)
                {
                    switch (await _exchange.ReceiveAsync(running, cancellationToken))
                    {
                        case EntryMessage message when search.SizeLimit > 0 && entries == search.SizeLimit:
                            throw new LdapException(LdapErrorKind.SizeLimitExceeded, $"There are more than {search.SizeLimit} entries.");
                        case EntryMessage message:
                            entries++;
                            statistics.Entries++;
                            if (completion.IsNeeded(message.Entry))
                            {
                                partial.Add(message.Entry);
                            }
                            else
                            {
                                yield return message.Entry;
                            }

                            break;
                        case ReferenceMessage:
                            statistics.References++;
                            break;
                        case ResultMessage { Operation: OperationTag.SearchDone } result:
                            done = result;
                            break;
                        default:
                            throw await _exchange.UnexpectedAsync();
                    }
                }

                running = 0;
                statistics.Pages++;
                foreach (var entry in partial)
                {
                    yield return await completion.CompleteAsync(entry, cancellationToken);
                }

                partial.Clear();
                if (done.Code != ResultCodes.Success)
                {
                    throw done.ToException();
                }

                cookie = search.PageSize > 0 && done.PageCookie is { } next ? next : [];
                emptyPages = entries == before ? emptyPages + 1 : 0;
                if (emptyPages > MostEmptyPages)
                {
                    throw new LdapException(LdapErrorKind.ProtocolError, "The server gives one page without entries after the other.");
                }
            }
            while (cookie.Length > 0);
        }
        finally
        {
            if (running != 0)
            {
                await _exchange.AbandonAsync(running);
            }

            _exchange.Leave();
        }
    }

    /// <summary>An extended operation (RFC 4511, section 4.12), e.g. Who am I (1.3.6.1.4.1.4203.1.11.3). StartTLS is not for this: see <see cref="LdapServer.Security"/>.</summary>
    /// <param name="oid">The object identifier of the operation.</param>
    /// <param name="value">The operation's value, or null.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is then broken.</param>
    /// <exception cref="LdapException">The server refused, or the connection failed.</exception>
    public async Task<LdapExtendedResult> ExtendedAsync(string oid, byte[]? value, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(oid);
        if (oid == LdapOid.StartTls)
        {
            throw new ArgumentException("TLS is set up when connecting.", nameof(oid));
        }

        _exchange.Enter();
        try
        {
            var id = _exchange.NextId();
            await _exchange.SendAsync(RequestWriter.Extended(id, oid, value), cancellationToken);
            var result = await _exchange.ReceiveResultAsync(id, OperationTag.ExtendedResponse, cancellationToken);
            return result.Code == ResultCodes.Success ? new LdapExtendedResult(result.ResponseName, result.ResponseValue) : throw result.ToException();
        }
        finally
        {
            _exchange.Leave();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    private async Task BindAsync(string dn, byte[] password, CancellationToken cancellationToken)
    {
        _exchange.Enter();
        byte[] request = [];
        try
        {
            BoundName = null;
            var id = _exchange.NextId();
            request = RequestWriter.Bind(id, dn, password);
            await _exchange.SendAsync(request, cancellationToken);
            var result = await _exchange.ReceiveResultAsync(id, OperationTag.BindResponse, cancellationToken);
            BoundName = result.Code == ResultCodes.Success ? dn : throw result.ToException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
            CryptographicOperations.ZeroMemory(password);
            _exchange.Leave();
        }
    }
}
