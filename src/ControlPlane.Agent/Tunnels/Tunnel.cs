using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Serves one tunnel: request after request, one at a time, until either end closes it.</summary>
internal sealed class Tunnel(TunnelChannel channel, EngineSocket engine, HostPolicy policy, AgentDeadlines deadlines, TimeProvider time)
{
    private static readonly Version OldestApi = new(1, 24);

    /// <summary>A read that was not answered until then is said to have arrived.</summary>
    private static readonly TimeSpan AcceptAfter = TimeSpan.FromMilliseconds(500);

    /// <param name="busyChanged">Told true when a request begins and false when the tunnel is idle again.</param>
    /// <param name="cancellationToken">Ends the tunnel.</param>
    public async Task RunAsync(Action<bool> busyChanged, CancellationToken cancellationToken)
    {
        while (await channel.NextAsync(cancellationToken) is { } turn)
        {
            busyChanged(true);
            if (!await ServeAsync(turn, cancellationToken))
            {
                return;
            }

            busyChanged(false);
        }
    }

    /// <summary>False when the tunnel must not be used again.</summary>
    private async Task<bool> ServeAsync(TunnelTurn turn, CancellationToken cancellationToken)
    {
        // A reset or a lost connection reaches the engine's request at once, whatever that is waiting for.
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Broken);
        try
        {
            await AnswerAsync(turn, Read((await turn.Head).Span), scope.Token);
            turn.Discard();
            await turn.SendEndAsync(scope.Token);

            // Both ends have to be there before the next request; a server that never ends its side loses the tunnel.
            await turn.Ended.WaitAsync(deadlines.TunnelEnd, time, scope.Token);
            return true;
        }
        catch (EngineFault fault)
        {
            await channel.ResetAsync(fault.Message, scope.Token);
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException or TimeoutException)
        {
            return false;
        }
        finally
        {
            turn.Discard();
        }
    }

    private async Task AnswerAsync(TunnelTurn turn, TunnelRequest? request, CancellationToken cancellationToken)
    {
        var api = Version.TryParse(engine.ApiVersion, out var version) ? version : OldestApi;
        var routed = request is null ? Routed.Refuse("This agent does not know such a request.") : TunnelRoute.Of(request, policy.Rules, api);
        if (routed.Request is not { } engineRequest)
        {
            await RefuseAsync(turn, 403, routed.Refusal, cancellationToken);
            return;
        }

        // What only reads may be asked again, should the tunnel break: its answer is word enough.
        await using var acceptance = engineRequest.OnlyReads ? time.CreateTimer(_ => _ = AcceptAsync(turn, cancellationToken), null, AcceptAfter, Timeout.InfiniteTimeSpan) : null;
        if (acceptance is null)
        {
            await turn.SendAcceptedAsync(cancellationToken);
        }

        try
        {
            await new EngineCall(turn, engineRequest, deadlines.EngineHead(TunnelPaces.Of(request!)), time).RunAsync(engine, deadlines, cancellationToken);
        }
        catch (EngineFault fault) when (fault.Status != 0)
        {
            await RefuseAsync(turn, fault.Status, fault.Message, cancellationToken);
        }
    }

    private static async Task AcceptAsync(TunnelTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            await turn.SendAcceptedAsync(cancellationToken);
        }
        catch (Exception)
        {
            // Broken: whoever answers is told.
        }
    }

    private static TunnelRequest? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AgentJson.Default.TunnelRequest);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static async Task RefuseAsync(TunnelTurn turn, int status, string message, CancellationToken cancellationToken)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(new TunnelResponse(status, "application/json"), AgentJson.Default.TunnelResponse);
        await turn.SendResponseAsync(head, cancellationToken);
        await turn.SendDataAsync(Encoding.UTF8.GetBytes($$"""{"message":"{{JsonEncodedText.Encode(message)}}"}"""), cancellationToken);
    }
}
