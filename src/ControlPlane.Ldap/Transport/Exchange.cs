using System.Security.Authentication;
using ControlPlane.Ldap.Protocol;

namespace ControlPlane.Ldap.Transport;

/// <summary>
/// Requests and their answers over one connection: ids, deadlines, and the end. One operation at a time. Whatever leaves the stream in an unknown
/// place (a deadline, a cancellation, nonsense) ends the connection at once; nothing brings it back.
/// </summary>
internal sealed class Exchange(MessageStream stream, TimeSpan operationTimeout, TimeProvider timeProvider) : IAsyncDisposable
{
    /// <summary>For what is said without waiting for an answer: goodbye and never mind.</summary>
    private static readonly TimeSpan PartingLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Operations told to stop, whose last answers may still come.</summary>
    private readonly HashSet<int> _abandoned = [];

    // StartTLS may have used 1.
    private int _lastId = 1;
    private int _isBusy;
    private int _isClosed;
    private LdapException? _failure;

    public bool IsEncrypted => stream.IsEncrypted;

    public bool IsUsable => _failure is null && _isClosed == 0;

    /// <summary>Begins an operation; it ends with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        ObjectDisposedException.ThrowIf(_isClosed != 0 && _failure is null, typeof(LdapConnection));
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            throw new InvalidOperationException("This connection is in the middle of another operation.");
        }

        if (_failure is { } failure)
        {
            Leave();
            throw new LdapException(LdapErrorKind.ConnectionClosed, $"The connection ended earlier: {failure.Message}", failure);
        }
    }

    public void Leave() => Volatile.Write(ref _isBusy, 0);

    public int NextId() => _lastId = _lastId == int.MaxValue ? 1 : _lastId + 1;

    public Task SendAsync(byte[] message, CancellationToken cancellationToken) => GuardAsync(
        async token =>
        {
            await stream.WriteAsync(message, token);
            return true;
        },
        cancellationToken);

    /// <summary>The next message for this operation.</summary>
    public Task<LdapMessage> ReceiveAsync(int id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (Take(id) is { } message)
            {
                return Task.FromResult(message);
            }
        }
        catch (LdapException e)
        {
            return BreakAsync(e);
        }

        return GuardAsync(token => ReceiveNewAsync(id, token), cancellationToken);

        async Task<LdapMessage> BreakAsync(LdapException e)
        {
            await EndAsync(e);
            throw e;
        }
    }

    /// <summary>The result that ends an operation of one answer.</summary>
    public async Task<ResultMessage> ReceiveResultAsync(int id, byte operation, CancellationToken cancellationToken)
    {
        var message = await ReceiveAsync(id, cancellationToken);
        return message is ResultMessage result && result.Operation == operation ? result : throw await UnexpectedAsync();
    }

    /// <summary>Ends the connection because of an answer of the wrong kind.</summary>
    public async Task<LdapException> UnexpectedAsync()
    {
        var failure = new LdapException(LdapErrorKind.ProtocolError, "The server's answer is of another kind than the request.");
        await EndAsync(failure);
        return failure;
    }

    /// <summary>Tells the server to stop (RFC 4511, section 4.11). What it has sent already is skipped.</summary>
    public async Task AbandonAsync(int id)
    {
        if (!IsUsable)
        {
            return;
        }

        _abandoned.Add(id);
        if (!await PartAsync(RequestWriter.Abandon(NextId(), id)))
        {
            await EndAsync(new LdapException(LdapErrorKind.ConnectionClosed, "The connection did not take the end of a search."));
        }
    }

    /// <summary>Ends the connection; what is said about it is kept for the next operation.</summary>
    public async Task EndAsync(LdapException failure)
    {
        _failure ??= failure;
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            await stream.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        if (Volatile.Read(ref _isBusy) == 0)
        {
            await PartAsync(RequestWriter.Unbind(NextId()));
        }

        await stream.DisposeAsync();
    }

    private async Task<LdapMessage> ReceiveNewAsync(int id, CancellationToken cancellationToken)
    {
        while (true)
        {
            await stream.ReceiveAsync(cancellationToken);
            if (Take(id) is { } message)
            {
                return message;
            }
        }
    }

    /// <summary>The first message for this operation among those that have come in; others are skipped or end the connection.</summary>
    private LdapMessage? Take(int id)
    {
        while (stream.TryTake() is { } message)
        {
            if (message.Id == id && message is not IntermediateMessage)
            {
                return message;
            }

            if (message is ResultMessage { Id: 0, ResponseName: LdapOid.NoticeOfDisconnection } notice)
            {
                throw new LdapException(LdapErrorKind.ConnectionClosed, "The directory server ended the connection.", notice.Code, notice.Diagnostic);
            }

            if (message.Id != 0 && message.Id != id && !_abandoned.Contains(message.Id))
            {
                throw new LdapException(LdapErrorKind.ProtocolError, "The server answered something that was not asked.");
            }

            if (message is ResultMessage)
            {
                _abandoned.Remove(message.Id);
            }
        }

        return null;
    }

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(operationTimeout, timeProvider, cancellationToken);
        LdapException failure;
        try
        {
            return await step(deadline.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(new LdapException(LdapErrorKind.ConnectionClosed, "An operation was cancelled in the middle."));
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        catch (OperationCanceledException e)
        {
            failure = new LdapException(LdapErrorKind.TimedOut, "The directory server did not answer in time.", e);
        }
        catch (LdapException e)
        {
            failure = e;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or AuthenticationException)
        {
            failure = new LdapException(LdapErrorKind.ConnectionClosed, "The connection to the directory server broke.", e);
        }

        await EndAsync(failure);
        throw failure;
    }

    /// <summary>Sends what nobody answers. False when that did not work.</summary>
    private async Task<bool> PartAsync(byte[] message)
    {
        using var limit = new CancellationTokenSource(PartingLimit, timeProvider);
        try
        {
            await stream.WriteAsync(message, limit.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException or AuthenticationException)
        {
            return false;
        }
    }
}
