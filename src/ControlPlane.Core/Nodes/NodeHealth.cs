using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes;

/// <summary>
/// How sound each node has been lately, from how its commands ended: a failure of the node's own making costs 33 of 100 points for five
/// minutes, any success brings all of them back. The scheduler prefers sound nodes; nobody is excluded by this. A success of a node
/// without trouble is one look-up. <see cref="Links.NodeLinks"/> notes the end of every command here.
/// </summary>
public sealed partial class NodeHealth(ClusterState state, TimeProvider clock, ILogger<NodeHealth> logger) : IDisposable
{
    public const int Sound = 100;

    private const int Cost = 33;

    // Three cost everything there is; a fourth would change nothing.
    private const int MostCounted = 3;

    // Long enough that retries avoid the node, short enough that a repaired one is itself again without anybody's help.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);
    private volatile bool _any;

    /// <summary>Says whether this end of a command is the node's own making (true), a success (false) or says nothing about the node (null).</summary>
    public static bool? Blames(CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Outcome switch
        {
            CommandOutcome.Done => false,
            CommandOutcome.Unclear => true,
            CommandOutcome.Failed => IsOwnFailure(result) ? true : null,
            _ => null,
        };
    }

    /// <summary>The end of a command.</summary>
    public void Note(string nodeId, CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        switch (Blames(result))
        {
            case true:
                Failed(nodeId, result.Message.Length > 0 ? result.Message : result.Code);
                break;
            case false:
                Succeeded(nodeId);
                break;
        }
    }

    /// <summary>The node failed by its own fault.</summary>
    /// <param name="nodeId">Which.</param>
    /// <param name="reason">What happened, for people.</param>
    public void Failed(string nodeId, string reason)
    {
        lock (_gate)
        {
            if (!_troubles.TryGetValue(nodeId, out var trouble))
            {
                _troubles[nodeId] = trouble = new Trouble(clock.CreateTimer(_ => Forget(nodeId), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
            }

            trouble.Failures.Enqueue(clock.GetUtcNow());
            if (trouble.Failures.Count > MostCounted)
            {
                trouble.Failures.Dequeue();
            }

            trouble.Timer.Change(Until(trouble), Timeout.InfiniteTimeSpan);
            _any = true;
        }

        LogTrouble(nodeId, reason);
        Publish(nodeId);
    }

    /// <summary>The node did something that it was told to. Cheap when it had no trouble.</summary>
    public void Succeeded(string nodeId)
    {
        if (!_any)
        {
            return;
        }

        lock (_gate)
        {
            if (!_troubles.Remove(nodeId, out var trouble))
            {
                return;
            }

            trouble.Timer.Dispose();
            _any = _troubles.Count > 0;
        }

        Publish(nodeId);
    }

    /// <summary>1 to 100.</summary>
    public int Of(string nodeId)
    {
        lock (_gate)
        {
            return _troubles.TryGetValue(nodeId, out var trouble) ? Math.Max(1, Sound - (Cost * trouble.Failures.Count)) : Sound;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var trouble in _troubles.Values)
            {
                trouble.Timer.Dispose();
            }

            _troubles.Clear();
        }
    }

    private static bool IsOwnFailure(CommandResult result) =>
        result.Code is "engine.unreachable" or "command.deadline"
        || result.Message.Contains("no space left on device", StringComparison.OrdinalIgnoreCase)
        || (result.Code == "engine.refused" && result.EngineStatus >= 500 && result.NothingChanged);

    private void Forget(string nodeId)
    {
        lock (_gate)
        {
            if (!_troubles.TryGetValue(nodeId, out var trouble))
            {
                return;
            }

            while (trouble.Failures.TryPeek(out var first) && first + Memory <= clock.GetUtcNow())
            {
                trouble.Failures.Dequeue();
            }

            if (trouble.Failures.Count > 0)
            {
                trouble.Timer.Change(Until(trouble), Timeout.InfiniteTimeSpan);
            }
            else
            {
                trouble.Timer.Dispose();
                _troubles.Remove(nodeId);
                _any = _troubles.Count > 0;
            }
        }

        Publish(nodeId);
    }

    private TimeSpan Until(Trouble trouble)
    {
        var left = trouble.Failures.Peek() + Memory - clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // Read inside the write: of two at once the later one writes what holds.
    private void Publish(string nodeId) => state.Write(writer =>
    {
        if (writer.Node(nodeId) is { } node && Of(nodeId) is var figure && node.Health != figure)
        {
            writer.Put(node with { Health = figure }, "health");
        }
    });

    [LoggerMessage(LogLevel.Information, "Node {NodeId} failed by its own fault: {Reason}")]
    private partial void LogTrouble(string nodeId, string reason);

    private sealed record Trouble(ITimer Timer)
    {
        public Queue<DateTimeOffset> Failures { get; } = new();
    }
}
