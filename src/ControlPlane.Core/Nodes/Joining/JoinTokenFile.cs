using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>
/// Keeps one valid join token in a file, for agents that share a volume with the server and nothing else. Good for one node; the next one
/// is there as soon as it was used.
/// </summary>
public sealed partial class JoinTokenFile(
    IOptions<ServerOptions> options, IDbContextFactory<ControlPlaneDb> databases, JoinTokenService tokens, IServerIdentity server, ClusterState state,
    TimeProvider clock, ILogger<JoinTokenFile> logger) : IDuty
{
    public const string TokenName = "join token file";

    private const UnixFileMode ReadableByAgents =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // Who has read it still has time to use it.
    private static readonly TimeSpan RenewBefore = TimeSpan.FromHours(1);

    // Uses are told at once; this is for what is not: revoked, removed by hand, about to expire, a disk that was full.
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private static readonly Caller Self = Caller.System("join-token-file");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.Value.JoinTokenFile))
        {
            return;
        }

        while (true)
        {
            // Subscribed before the look: a join in between is not missed.
            using var subscription = state.Subscribe();
            await EnsureAsync(options.Value.JoinTokenFile, cancellationToken);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), pause, Look, Timeout.InfiniteTimeSpan);
            await NextJoinAsync(subscription, pause.Token);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task NextJoinAsync(StateSubscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in subscription.Changes.ReadAllAsync(cancellationToken))
            {
                if (batch.Any(change => change is { Object: ObjectKind.Node, Reason: NodeJoining.JoinReason }))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Time for a look; or the end, which the caller tells apart.
        }
    }

    private async Task EnsureAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var kept = Read(file);
            var row = kept is null ? null : await FindAsync(kept, cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            if (row is not null && JoinTokenErrors.Of(row, now, ignoreUses: false) is null && row.ExpiresAt - now > RenewBefore)
            {
                LogKept(row.Id, file);
                return;
            }

            await ReplaceAsync(file, row, now, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogFileFailed(file, error.Message);
        }
    }

    private async Task ReplaceAsync(string file, JoinTokenEntity? old, DateTime now, CancellationToken cancellationToken)
    {
        var wanted = new NewJoinToken { Name = TokenName, ExpiresInSeconds = (int)Lifetime.TotalSeconds, Uses = 1 };
        var made = await tokens.CreateAsync(Self, wanted, cancellationToken);
        if (!made.IsSuccess)
        {
            LogNotMade(made.Error.Message);
            return;
        }

        try
        {
            PrivateFile.Write(file, made.Value.Text + "\n", ReadableByAgents);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody will ever see it; it must not stay valid, least of all one more each minute.
            await tokens.RevokeAsync(Self, made.Value.Token.Id, cancellationToken);
            throw;
        }

        if (old is not null && JoinTokenErrors.Of(old, now, ignoreUses: false) is null)
        {
            await tokens.RevokeAsync(Self, old.Id, cancellationToken);
        }

        LogWritten(made.Value.Token.Id, file, made.Value.Token.ExpiresAt);
    }

    /// <summary>Null when the token in the file is none of ours, or is not for the key that we show now.</summary>
    private async Task<JoinTokenEntity?> FindAsync(JoinToken kept, CancellationToken cancellationToken)
    {
        if (!string.Equals(kept.KeyDigest, server.KeyDigest, StringComparison.Ordinal))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var hash = JoinTokenService.Hash(kept.Secret);
        return await db.JoinTokens.AsNoTracking().FirstOrDefaultAsync(token => token.Id == kept.Id && token.SecretHash == hash, cancellationToken);
    }

    private static JoinToken? Read(string file) => File.Exists(file) && JoinToken.TryParse(File.ReadAllText(file), out var token) ? token : null;

    [LoggerMessage(LogLevel.Information, "Join token {TokenId} is in {File}, for one node, until {ExpiresAt:u}.")]
    private partial void LogWritten(string tokenId, string file, DateTime expiresAt);

    [LoggerMessage(LogLevel.Debug, "Join token {TokenId} in {File} is still good.")]
    private partial void LogKept(string tokenId, string file);

    [LoggerMessage(LogLevel.Warning, "The join token file {File} cannot be kept: {Cause}")]
    private partial void LogFileFailed(string file, string cause);

    [LoggerMessage(LogLevel.Warning, "No join token could be made for the join token file: {Cause}")]
    private partial void LogNotMade(string cause);
}
