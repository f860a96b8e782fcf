using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes.Links;

/// <summary>The live session of one node, as the rest of Core sees it. The hub implements it.</summary>
public interface INodeLink
{
    string NodeId { get; }

    string SessionId { get; }

    /// <summary>Sends a command; its end comes back through <see cref="NodeLinks.Complete"/>.</summary>
    Task SendAsync(AgentCommand command, CancellationToken cancellationToken);

    Task CancelCommandAsync(string commandId, CancellationToken cancellationToken);

    Task WatchUsageAsync(IReadOnlyList<string> engineIds, CancellationToken cancellationToken);

    Task ResyncAsync(CancellationToken cancellationToken);

    /// <summary>Ends the session from this side.</summary>
    Task EndAsync(SessionEnd end, CancellationToken cancellationToken);
}

/// <summary>
/// Who is connected, and which commands are under way. A command waits here until its result, until its session ends
/// (<see cref="CommandOutcome.Unclear"/>, code <c>session.lost</c>) or until its deadline plus a margin.
/// </summary>
public sealed class NodeLinks(TimeProvider clock, NodeHealth? health = null)
{
    /// <summary>Time beyond a command's own deadline for its result to travel.</summary>
    private static readonly TimeSpan ResultMargin = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, INodeLink> _links = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PendingCommand> _pending = new(StringComparer.Ordinal);

    public INodeLink? Of(string nodeId) => _links.GetValueOrDefault(nodeId);

    public bool IsConnected(string nodeId) => _links.ContainsKey(nodeId);

    public int Count => _links.Count;

    /// <summary>Makes a session the node's own; returns the one it replaces.</summary>
    public INodeLink? Attach(INodeLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        INodeLink? replaced = null;
        _links.AddOrUpdate(link.NodeId, link, (_, old) =>
        {
            replaced = old;
            return link;
        });
        if (replaced is not null)
        {
            Abandon(replaced);
        }

        return replaced;
    }

    /// <summary>A session has ended; what waits on it becomes unclear. Returns false when it was replaced before.</summary>
    public bool Detach(INodeLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        var removed = _links.TryRemove(new KeyValuePair<string, INodeLink>(link.NodeId, link));
        Abandon(link);
        return removed;
    }

    /// <summary>
    /// Sends a command and waits for its end. Never throws for what happens outside: no session is <c>node.not_connected</c> with nothing
    /// changed, a lost one or a passed deadline is <see cref="CommandOutcome.Unclear"/>.
    /// </summary>
    public async Task<CommandResult> RunAsync(
        string nodeId, AgentCommand command, Action<CommandProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var result = await SendAsync(nodeId, command, progress, cancellationToken);
        health?.Note(nodeId, result);
        return result;
    }

    private async Task<CommandResult> SendAsync(string nodeId, AgentCommand command, Action<CommandProgress>? progress, CancellationToken cancellationToken)
    {
        if (Of(nodeId) is not { } link)
        {
            return NotConnected(command.Id);
        }

        var pending = new PendingCommand(link, progress);
        if (!_pending.TryAdd(command.Id, pending))
        {
            throw new InvalidOperationException($"Command {command.Id} is under way already.");
        }

        try
        {
            // The session may have ended between the look-up and the entry: then nobody would complete this one.
            if (!ReferenceEquals(Of(nodeId), link))
            {
                return NotConnected(command.Id);
            }

            try
            {
                await link.SendAsync(command, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // It may be in the connection's buffer already.
                return Lost(command.Id);
            }

            var deadline = TimeSpan.FromMilliseconds(command.DeadlineMilliseconds) + ResultMargin;
            return await pending.Result.Task.WaitAsync(deadline, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new CommandResult
            {
                CommandId = command.Id,
                Outcome = CommandOutcome.Unclear,
                Code = "command.deadline",
                Message = "The node did not answer in time.",
            };
        }
        finally
        {
            _pending.TryRemove(command.Id, out _);
        }
    }

    /// <summary>A node reports the end of a command. Returns false when nobody waits for it any more.</summary>
    public bool Complete(string nodeId, CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return _pending.TryGetValue(result.CommandId, out var pending)
            && string.Equals(pending.Link.NodeId, nodeId, StringComparison.Ordinal)
            && pending.Result.TrySetResult(result);
    }

    /// <summary>A node reports progress.</summary>
    public void Progress(string nodeId, CommandProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (_pending.TryGetValue(progress.CommandId, out var pending) && string.Equals(pending.Link.NodeId, nodeId, StringComparison.Ordinal))
        {
            pending.Progress?.Invoke(progress);
        }
    }

    private void Abandon(INodeLink link)
    {
        foreach (var (id, pending) in _pending)
        {
            if (ReferenceEquals(pending.Link, link))
            {
                pending.Result.TrySetResult(Lost(id));
            }
        }
    }

    private static CommandResult NotConnected(string commandId) => new()
    {
        CommandId = commandId,
        Outcome = CommandOutcome.Failed,
        Code = "node.not_connected",
        Message = "The node has no session with the server.",
        NothingChanged = true,
    };

    private static CommandResult Lost(string commandId) => new()
    {
        CommandId = commandId,
        Outcome = CommandOutcome.Unclear,
        Code = "session.lost",
        Message = "The session with the node ended before the result arrived.",
    };

    private sealed class PendingCommand(INodeLink link, Action<CommandProgress>? progress)
    {
        public INodeLink Link { get; } = link;

        public Action<CommandProgress>? Progress { get; } = progress;

        public TaskCompletionSource<CommandResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
