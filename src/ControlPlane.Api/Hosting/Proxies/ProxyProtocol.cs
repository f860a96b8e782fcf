using System.IO.Pipelines;
using System.Net;
using ControlPlane.Core.Options;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ControlPlane.Api.Hosting.Proxies;

/// <summary>
/// Connections that trusted proxies pass through as TCP: TLS stays with the client, so only the PROXY protocol before it can name the client. From
/// anybody else such a header is no TLS and ends the connection.
/// </summary>
internal static class ProxyProtocol
{
    /// <summary>Before TLS.</summary>
    public static void UseProxyProtocol(this ListenOptions listen, AddressRanges trusted, TimeSpan patience, TimeProvider clock)
    {
        if (!trusted.IsEmpty)
        {
            listen.Use(next => connection => AcceptAsync(connection, next, trusted, patience, clock));
        }
    }

    private static async Task AcceptAsync(ConnectionContext connection, ConnectionDelegate next, AddressRanges trusted, TimeSpan patience, TimeProvider clock)
    {
        if (connection.RemoteEndPoint is IPEndPoint peer && trusted.Contains(peer.Address))
        {
            using var deadline = new CancellationTokenSource(patience, clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, connection.ConnectionClosed);
            var header = await ReadAsync(connection.Transport.Input, linked.Token);
            if (header.Kind is ProxyHeaderKind.Broken or ProxyHeaderKind.Incomplete)
            {
                connection.Abort(new ConnectionAbortedException("The connection did not begin with a whole PROXY header."));
                return;
            }

            connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
        }

        await next(connection);
    }

    /// <summary>Takes the header away, and nothing else.</summary>
    private static async Task<ProxyHeader> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(cancellationToken);
                var header = ProxyHeader.Read(read.Buffer);
                var isOver = read.IsCompleted || read.Buffer.Length > ProxyHeader.Longest;
                if (header.Kind == ProxyHeaderKind.Incomplete && !isOver)
                {
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    continue;
                }

                input.AdvanceTo(read.Buffer.GetPosition(header.Kind == ProxyHeaderKind.Whole ? header.Length : 0));
                return header;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return new ProxyHeader(ProxyHeaderKind.Incomplete);
        }
    }
}
