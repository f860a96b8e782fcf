using System.Buffers;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.DockerApi;

/// <summary>Passes the body of a request on to a node as it comes: never whole in memory, and no faster than the node takes it.</summary>
internal static class RequestBody
{
    /// <summary>The head of the node's answer; it may come before everything has been sent, and then the rest is not of interest.</summary>
    public static async Task<Result<TunnelResponse>> SendAsync(DockerCall call, ITunnelExchange exchange)
    {
        call.Unhurried();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        var sending = CopyAsync(call.Body, exchange, enough.Token);
        var head = await exchange.HeadAsync(call.Aborted);
        if (!head.IsSuccess || head.Value.Status >= 400)
        {
            await enough.CancelAsync();
        }

        try
        {
            await sending;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException && !call.Aborted.IsCancellationRequested)
        {
            // The head says what was wrong.
        }

        return head;
    }

    private static async Task CopyAsync(Stream body, ITunnelExchange exchange, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(TunnelLimits.MaxPayload);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer.AsMemory(0, TunnelLimits.MaxPayload), cancellationToken)) > 0)
            {
                await exchange.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            await exchange.EndAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
