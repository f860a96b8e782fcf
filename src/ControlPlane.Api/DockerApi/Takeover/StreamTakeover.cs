using System.IO.Pipelines;
using System.Text;
using ControlPlane.Core.Nodes.Links;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ControlPlane.Api.DockerApi.Takeover;

/// <summary>Joins a client's connection and a container's streams until both have ended or one has gone.</summary>
internal static class StreamTakeover
{
    // A client that has read the end closes at once.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Answers 101 (or 200 to those who did not ask for an upgrade, as the engine does) and passes bytes on both ways.</summary>
    public static async Task RunAsync(HttpContext http, ITunnelExchange exchange, string contentType)
    {
        var takeover = http.Features.Get<ConnectionTakeover>() ?? throw new InvalidOperationException("Such a connection cannot be taken over.");
        var upgrade = http.Request.Headers.Upgrade is [{ Length: > 0 }];
        var transport = takeover.Take();
        // What is left of the request was read; a FIN under TLS means that the client has gone, not that it has ended its side: that is TLS's own word.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        await WriteAsync(
            transport.Output,
            Encoding.ASCII.GetBytes(upgrade
                ? $"HTTP/1.1 101 UPGRADED\r\nContent-Type: {contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                : $"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\n\r\n"),
            gone.Token);
        var toNode = ToNodeAsync(transport.Input, exchange, gone);
        var whole = false;
        try
        {
            await ToClientAsync(exchange.Body, transport.Output, gone.Token);
            whole = true;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The node, the tunnel or the client has gone: the connection breaks off, which is not how it ends.
        }
        finally
        {
            // The container's side is over, so is the client's.
            await transport.Output.CompleteAsync();
            if (whole)
            {
                await EndAsync(http, toNode, gone.Token);
            }

            await gone.CancelAsync();
            await toNode;
        }
    }

    /// <summary>
    /// TLS's own word for the end, and the client's answer to it: a socket closed before that was read would be reset, and clients would take what
    /// they have for broken off.
    /// </summary>
    private static async Task EndAsync(HttpContext http, Task toNode, CancellationToken gone)
    {
        try
        {
            if (http.Features.Get<ISslStreamFeature>() is { } tls)
            {
                await tls.SslStream.ShutdownAsync().WaitAsync(Farewell, TimeProvider.System, gone);
            }

            await toNode.WaitAsync(Farewell, TimeProvider.System, gone);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            // Then without.
        }
    }

    private static async Task ToNodeAsync(PipeReader input, ITunnelExchange exchange, CancellationTokenSource gone)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(gone.Token);
                foreach (var part in read.Buffer)
                {
                    await exchange.WriteAsync(part, gone.Token);
                }

                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await exchange.EndAsync(gone.Token);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
        catch (Exception)
        {
            // The client's connection broke, or the tunnel did: no half of it is of use.
            await gone.CancelAsync();
        }
    }

    private static async Task ToClientAsync(Stream body, PipeWriter output, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(output.GetMemory(16 * 1024), cancellationToken);
            if (read == 0)
            {
                return;
            }

            output.Advance(read);
            if ((await output.FlushAsync(cancellationToken)).IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task WriteAsync(PipeWriter output, byte[] head, CancellationToken cancellationToken) => await output.WriteAsync(head, cancellationToken);
}
