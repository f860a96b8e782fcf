using System.Security.Cryptography;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Joining;

/// <summary>Makes this host a node, once.</summary>
internal sealed partial class NodeJoin(
    AgentCommandLine options, JoinTokenSource tokens, IdentityFile file, AgentDeadlines deadlines, TimeProvider time, ILogger<NodeJoin> logger)
{
    /// <summary>The identity to go on with: the one on disk, or a new one.</summary>
    /// <exception cref="AgentRefusedException">The server's refusal, or the operator's mistake.</exception>
    public async Task<NodeIdentity> RunAsync(Func<CancellationToken, Task<NodeDescription?>> describe, CancellationToken cancellationToken)
    {
        var known = file.Read();
        if (known?.NodeId is not null)
        {
            return WithKeyOf(tokens.Peek(), known);
        }

        if (!tokens.HasAny || options.Server is not { } server)
        {
            throw new AgentRefusedException(
                $"The data directory '{options.DataDirectory}' holds no identity: to join, give --server and the join token in {AgentCommandLine.TokenVariable} (or --token-file).",
                ExitCode.Usage);
        }

        file.RequireWritable();
        JoinToken? refused = null;
        while (true)
        {
            var token = await tokens.NextAsync(refused, cancellationToken);
            var identity = known = Prepare(known, server, token);
            var trust = new ServerTrust(token.KeyDigest);
            using var door = new ServerDoor(server, trust, deadlines);
            if (await JoinAsync(door, trust, token, identity, describe, cancellationToken) is { } answer)
            {
                identity = identity with { NodeId = answer.NodeId, Name = answer.Name };
                file.Write(identity);
                LogJoined(answer.Name, answer.NodeId, answer.Approved ? "" : "; it waits for approval");
                return identity;
            }

            refused = token;
        }
    }

    /// <summary>A token of a server that has changed its key meanwhile: the node stays who it is, and the operator vouches for the key.</summary>
    private NodeIdentity WithKeyOf(JoinToken? token, NodeIdentity known)
    {
        if (token is null || known.Keys.Contains(token.KeyDigest, StringComparer.Ordinal))
        {
            return known;
        }

        var more = known with { TrustedKeys = [.. known.Keys, token.KeyDigest] };
        file.Write(more);
        LogTrustsMore();
        return more;
    }

    private NodeIdentity Prepare(NodeIdentity? known, Uri server, JoinToken token)
    {
        // The key is on disk before the join: a crash between the server's answer and the second write repeats the join with the same key.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var privateKey = known?.PrivateKey ?? Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        var identity = new NodeIdentity(null, null, server.ToString(), token.KeyDigest, privateKey);
        file.Write(identity);
        return identity;
    }

    /// <returns>Null when this token will not do and another one may come.</returns>
    private async Task<JoinResponse?> JoinAsync(
        ServerDoor door, ServerTrust trust, JoinToken token, NodeIdentity identity, Func<CancellationToken, Task<NodeDescription?>> describe, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(identity.PrivateKey), out _);
        var publicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        var backoff = new ReconnectBackoff(deadlines.ReconnectFirst, deadlines.ReconnectLongest, Random.Shared);
        while (true)
        {
            try
            {
                var description = await describe(cancellationToken);
                var name = options.Name ?? description?.HostName ?? Environment.MachineName;
                var request = new JoinRequest(token.Id, token.Secret, publicKey, name, description, AgentVersion.Text, time.GetUtcNow().UtcDateTime);
                return await door.JoinAsync(request, cancellationToken);
            }
            catch (ServerRefusedException e) when (e.IsFinal && tokens.MayChange && e.Refusal.Code.StartsWith("join_token.", StringComparison.Ordinal))
            {
                LogTokenRefused(e.Refusal.Message, e.Refusal.Code);
                return null;
            }
            catch (HttpRequestException) when (tokens.MayChange && trust.LastProblem == ServerTrust.UnknownKey)
            {
                LogTokenRefused(ServerTrust.UnknownKey, "key");
                return null;
            }
            catch (ServerRefusedException e) when (e.IsFinal)
            {
                throw new AgentRefusedException($"The server refused the join: {e.Refusal.Message} ({e.Refusal.Code})");
            }
            catch (Exception e) when (trust.LastProblem is { } problem && e is HttpRequestException)
            {
                throw new AgentRefusedException(problem);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var wait = backoff.Next();
                if (backoff.Failures % 10 == 1)
                {
                    LogJoinFailed(identity.Server, e.Message);
                }

                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Joined as node {Name} ({NodeId}){Note}.")]
    private partial void LogJoined(string name, string nodeId, string note);

    [LoggerMessage(LogLevel.Information, "The join token names another key of the server; it is trusted from now on, too.")]
    private partial void LogTrustsMore();

    [LoggerMessage(LogLevel.Warning, "The server {Server} cannot be reached for the join, trying on: {Cause}")]
    private partial void LogJoinFailed(string server, string cause);

    [LoggerMessage(LogLevel.Warning, "The join token will not do, waiting for another: {Cause} ({Code})")]
    private partial void LogTokenRefused(string cause, string code);
}
