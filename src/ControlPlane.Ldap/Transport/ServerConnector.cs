using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Ldap.Transport;

/// <summary>Finds the host's addresses and connects to the first that answers.</summary>
internal sealed class ServerConnector(LdapServer server, TimeProvider timeProvider)
{
    /// <summary>More addresses than this would each get a share of the time too short to answer in.</summary>
    private const int MostAddresses = 8;

    public async Task<Socket> ConnectAsync(Deadline deadline)
    {
        var start = timeProvider.GetTimestamp();
        var addresses = await ResolveAsync(deadline.Token);
        SocketException? failure = null;
        for (var i = 0; i < addresses.Length; i++)
        {
            // One silent address may not use up the time of the others.
            var share = (server.ConnectTimeout - timeProvider.GetElapsedTime(start)) / (addresses.Length - i);
            using var limit = new Deadline(share > TimeSpan.Zero ? share : TimeSpan.FromMilliseconds(1), timeProvider, deadline.Token);
            try
            {
                return await ConnectAsync(addresses[i], limit.Token);
            }
            catch (SocketException e)
            {
                failure = e.SocketErrorCode == SocketError.TimedOut ? failure : e;
            }
            catch (OperationCanceledException) when (limit.HasPassed)
            {
                // The next address.
            }
        }

        throw failure is null
            ? new LdapException(LdapErrorKind.TimedOut, $"No address of {server.Host} answered on port {server.EffectivePort} in time.")
            : ToException(failure);
    }

    private async Task<IPAddress[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Host, out var address))
        {
            return [address];
        }

        try
        {
            // The system's resolver cannot be interrupted; the wait for it can.
            var all = await Dns.GetHostAddressesAsync(server.Host, cancellationToken).WaitAsync(cancellationToken);
            return all.Length > 0 ? all[..Math.Min(all.Length, MostAddresses)] : throw NotResolved(null);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw NotResolved(e);
        }
    }

    private async Task<Socket> ConnectAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, server.EffectivePort), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private LdapException NotResolved(Exception? inner) =>
        new(LdapErrorKind.NameNotResolved, $"The host name {server.Host} cannot be resolved.", inner);

    private LdapException ToException(SocketException e) => e.SocketErrorCode == SocketError.ConnectionRefused
        ? new LdapException(LdapErrorKind.Refused, $"{server.Host} refuses connections on port {server.EffectivePort}.", e)
        : new LdapException(LdapErrorKind.Unreachable, $"{server.Host} cannot be reached on port {server.EffectivePort}: {e.SocketErrorCode}.", e);
}
