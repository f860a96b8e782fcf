using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>One request to the engine for one turn of a tunnel: both directions at once, each as fast as its receiver takes it.</summary>
internal sealed class EngineCall(TunnelTurn turn, EngineRequest request, TimeSpan patience, TimeProvider time)
{
    /// <exception cref="EngineFault">The engine cannot be reached, is silent, or broke off.</exception>
    public async Task RunAsync(EngineSocket engine, AgentDeadlines deadlines, CancellationToken cancellationToken)
    {
        using var exchange = await OpenAsync(engine, deadlines, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = request.IsStreamed ? SendBodyAsync(exchange, stop.Token) : Task.CompletedTask;
        try
        {
            var head = await HeadAsync(exchange, stop.Token);
            var answer = new TunnelResponse(head.Status, head.ContentType) { PathStat = head.PathStat };
            var response = JsonSerializer.SerializeToUtf8Bytes(answer, AgentJson.Default.TunnelResponse);
            if (head.Status == 101)
            {
                await turn.SendResponseAsync(response, cancellationToken);
                sending = SendInputAsync(exchange, stop.Token);
            }
            else if (await BeginAsync(exchange, response, cancellationToken))
            {
                return;
            }

            await CopyAsync(exchange, cancellationToken);
        }
        finally
        {
            // The answer is complete, or nobody wants it: what is left of the body has no receiver.
            turn.Discard();
            await stop.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<EngineExchange> OpenAsync(EngineSocket engine, AgentDeadlines deadlines, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.TunnelEngineHead);
        EngineExchange? exchange = null;
        try
        {
            exchange = await EngineExchange.OpenAsync(engine.Path, time, deadline.Token);
            await exchange.SendAsync(request, engine.ApiVersion, deadline.Token);
            return exchange;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            exchange?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is SocketException ? new EngineFault(502, "The engine cannot be reached.") : new EngineFault(504, "The engine does not answer.");
        }
    }

    private async Task<EngineHead> HeadAsync(EngineExchange exchange, CancellationToken cancellationToken)
    {
        var head = exchange.ReadHeadAsync(request.TakesOver, cancellationToken);
        var wait = patience;
        while (true)
        {
            try
            {
                return await head.WaitAsync(wait, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // While the server still sends it is not the engine's turn.
                wait = exchange.Silence is { } silence ? patience - silence : patience;
                if (wait <= TimeSpan.Zero)
                {
                    throw new EngineFault(504, "The engine does not answer.");
                }
            }
            catch (InvalidDataException e)
            {
                throw new EngineFault(502, e.Message);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                throw new EngineFault(502, "The engine closed before it answered.");
            }
        }
    }

    private async Task SendBodyAsync(EngineExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            while (await turn.ReadAsync(cancellationToken) is { IsEmpty: false } data)
            {
                await exchange.SendChunkAsync(data, cancellationToken);
                turn.Advance(data.End, checked((int)data.Length));
            }

            if (turn.RemoteEnded)
            {
                await exchange.EndChunksAsync(cancellationToken);
            }
        }
        catch (SocketException)
        {
            // The engine takes no more; why is in its answer.
            turn.Discard();
        }
    }

    private async Task SendInputAsync(EngineExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            while (await turn.ReadAsync(cancellationToken) is { IsEmpty: false } data)
            {
                await exchange.SendRawAsync(data, cancellationToken);
                turn.Advance(data.End, checked((int)data.Length));
            }

            exchange.EndRaw();
        }
        catch (SocketException)
        {
            // The process has closed its input; its output goes on.
            turn.Discard();
        }
    }

    /// <summary>Sends the head with as much of the body as came with it; true when that was all.</summary>
    private async Task<bool> BeginAsync(EngineExchange exchange, byte[] response, CancellationToken cancellationToken)
    {
        if (!exchange.HasArrived)
        {
            await turn.SendResponseAsync(response, cancellationToken);
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(TunnelLimits.MaxPayload + 1);
        try
        {
            var count = await ReadAsync(exchange, buffer.AsMemory(1, TunnelLimits.MaxPayload), cancellationToken);
            if (exchange.IsComplete && await turn.SendWholeAsync(response, buffer.AsMemory(1, count), cancellationToken))
            {
                return true;
            }

            await turn.SendResponseAsync(response, cancellationToken);
            await turn.SendDataInPlaceAsync(buffer.AsMemory(0, count + 1), cancellationToken);
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task CopyAsync(EngineExchange exchange, CancellationToken cancellationToken)
    {
        while (true)
        {
            await exchange.WaitAsync(cancellationToken);

            // Rented while bytes flow: a follow that is silent holds nothing.
            var buffer = ArrayPool<byte>.Shared.Rent(TunnelLimits.MaxPayload + 1);
            try
            {
                var count = await ReadAsync(exchange, buffer.AsMemory(1, TunnelLimits.MaxPayload), cancellationToken);
                if (count == 0)
                {
                    return;
                }

                await turn.SendDataInPlaceAsync(buffer.AsMemory(0, count + 1), cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async ValueTask<int> ReadAsync(EngineExchange exchange, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await exchange.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new EngineFault(0, "The engine broke off.");
        }
    }
}
