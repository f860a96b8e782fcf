using System.Net;
using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Serves one tunnel: request after request, one at a time, until either end closes it.</summary>
internal sealed class Tunnel(TunnelConnection connection, EngineSocket engine, HostPolicy policy, AgentDeadlines deadlines)
{
    /// <param name="busyChanged">Told true when a request begins and false when the tunnel is idle again.</param>
    /// <param name="cancellationToken">Ends the tunnel.</param>
    public async Task RunAsync(Action<bool> busyChanged, CancellationToken cancellationToken)
    {
        while (await connection.ReadAsync(cancellationToken) is { } first)
        {
            if (first.Frame != TunnelFrame.Request)
            {
                throw new InvalidDataException($"The server sent {first.Frame} where a request was due.");
            }

            var request = Read(first.Payload);
            busyChanged(true);
            if (!await ServeAsync(request, cancellationToken))
            {
                return;
            }

            busyChanged(false);
        }
    }

    private static TunnelRequest? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, AgentJson.Default.TunnelRequest);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>False when the tunnel must not be used again.</summary>
    private async Task<bool> ServeAsync(TunnelRequest? request, CancellationToken cancellationToken)
    {
        // The server's side is read all the while: a reset or a closed socket must reach the engine request at once.
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var inbound = ReadToEndAsync(scope);
        var answered = false;
        try
        {
            answered = await AnswerAsync(request, scope.Token);
            // Both ends have to be there before the next request; a server that never ends its side loses the tunnel.
            if (answered)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(deadlines.TunnelEngineHead);
                return await inbound.WaitAsync(patience.Token);
            }

            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The server gave the request up, or never ended its side.
            return false;
        }
        finally
        {
            if (!inbound.IsCompleted)
            {
                await scope.CancelAsync();
            }

            await ((Task)inbound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ReadToEndAsync(CancellationTokenSource scope)
    {
        try
        {
            while (await connection.ReadAsync(scope.Token) is { } frame)
            {
                switch (frame.Frame)
                {
                    case TunnelFrame.End:
                        return true;
                    case TunnelFrame.Data:
                        // None of today's requests has a body.
                        break;
                    default:
                        await scope.CancelAsync();
                        return false;
                }
            }
        }
        catch (Exception) when (!scope.IsCancellationRequested)
        {
            // Broken: the same as closed.
        }

        await scope.CancelAsync();
        return false;
    }

    private async Task<bool> AnswerAsync(TunnelRequest? request, CancellationToken cancellationToken)
    {
        if (request is null)
        {
            await RefuseAsync(403, "This agent does not know such a request.", cancellationToken);
            return true;
        }

        if (!TunnelRoute.TryRoute(request, policy.Rules, out var path, out var refusal))
        {
            await RefuseAsync(403, refusal, cancellationToken);
            return true;
        }

        HttpResponseMessage answer;
        try
        {
            answer = await AskAsync(path, cancellationToken);
        }
        catch (HttpRequestException)
        {
            await RefuseAsync(502, "The engine cannot be reached.", cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await RefuseAsync(504, "The engine does not answer.", cancellationToken);
            return true;
        }

        using (answer)
        {
            await RespondAsync(answer.StatusCode, answer.Content.Headers.ContentType?.ToString() ?? "", cancellationToken);
            return await CopyAsync(answer, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var head = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        head.CancelAfter(deadlines.TunnelEngineHead);
        return await engine.StreamAsync(HttpMethod.Get, path, head.Token);
    }

    private async Task<bool> CopyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[TunnelLimits.MaxPayload];
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        while (true)
        {
            int read;
            try
            {
                read = await body.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                await connection.WriteAsync(TunnelFrame.Reset, Encoding.UTF8.GetBytes("The engine broke off."), cancellationToken);
                return false;
            }

            if (read == 0)
            {
                await connection.WriteAsync(TunnelFrame.End, default, cancellationToken);
                return true;
            }

            await connection.WriteAsync(TunnelFrame.Data, buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private Task RespondAsync(HttpStatusCode status, string contentType, CancellationToken cancellationToken) =>
        connection.WriteAsync(
            TunnelFrame.Response, JsonSerializer.SerializeToUtf8Bytes(new TunnelResponse((int)status, contentType), AgentJson.Default.TunnelResponse), cancellationToken);

    private async Task RefuseAsync(int status, string message, CancellationToken cancellationToken)
    {
        await RespondAsync((HttpStatusCode)status, "application/json", cancellationToken);
        await connection.WriteAsync(TunnelFrame.Data, Encoding.UTF8.GetBytes($$"""{"message":"{{JsonEncodedText.Encode(message)}}"}"""), cancellationToken);
        await connection.WriteAsync(TunnelFrame.End, default, cancellationToken);
    }
}
