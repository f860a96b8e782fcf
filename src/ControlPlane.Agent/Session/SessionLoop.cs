using System.Security.Cryptography;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Joining;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Session;

/// <summary>Session after session, for ever, until told to stop or refused for good.</summary>
internal sealed partial class SessionLoop(
    AgentSession session, ServerDoor door, ServerTrust trust, NodeIdentity identity, AgentDeadlines deadlines, TimeProvider time, ILogger<SessionLoop> logger)
{
    // After these the server will never take this identity again.
    private static readonly string[] FinalCodes = ["node.unknown", "node.removed", "agent.protocol_version"];

    /// <returns>When cancelled.</returns>
    /// <exception cref="AgentRefusedException">The server does not want this node any more.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(identity.PrivateKey), out _);
        var backoff = new ReconnectBackoff(deadlines.ReconnectFirst, deadlines.ReconnectLongest, Random.Shared);
        string? told = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                var ticket = await door.TicketAsync(identity.NodeId ?? "", key, cancellationToken);
                var end = await session.RunAsync(ticket, backoff.Reset, cancellationToken);
                if (end is not null)
                {
                    LogEnded(end.Code, end.Message);
                    if (!end.Reconnect)
                    {
                        throw new AgentRefusedException($"The server ended the session for good: {end.Message} ({end.Code})");
                    }
                }

                wait = backoff.Next();
            }
            catch (ServerRefusedException e) when (e.Refusal.Code == "node.not_approved")
            {
                wait = deadlines.ApprovalPoll;
                LogWaitingForApproval();
            }
            catch (ServerRefusedException e) when (FinalCodes.Contains(e.Refusal.Code, StringComparer.Ordinal))
            {
                throw new AgentRefusedException($"The server refused this node: {e.Refusal.Message} ({e.Refusal.Code})");
            }
            catch (AgentRefusedException)
            {
                throw;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                wait = backoff.Next();
                if (Cause(e) is var cause && (backoff.Failures % 10 == 1 || cause != told))
                {
                    told = cause;
                    LogLost(identity.Server, backoff.Failures, cause);
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string Cause(Exception exception) =>
        trust.LastProblem ?? (exception is OperationCanceledException ? "it does not answer in time" : exception.Message);

    [LoggerMessage(LogLevel.Information, "The server ended the session: {Message} ({Code})")]
    private partial void LogEnded(string code, string message);

    [LoggerMessage(LogLevel.Information, "This node waits for approval.")]
    private partial void LogWaitingForApproval();

    [LoggerMessage(LogLevel.Warning, "No session with {Server} (attempt {Attempt}), trying on: {Cause}")]
    private partial void LogLost(string server, int attempt, string cause);
}
