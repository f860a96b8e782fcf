using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.State;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes.Usage;

/// <summary>
/// Which containers somebody looks at: only those are measured. Watches are counted; a node's agent is told the new set when it changes.
/// </summary>
public sealed partial class UsageWatch(ClusterState state, NodeLinks links, ILogger<UsageWatch> logger) : BackgroundService
{
    /// <summary>Containers of one node that are measured at once.</summary>
    public const int MaxPerNode = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _watched = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _due = new(StringComparer.Ordinal);
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Begins to watch; dispose to end. The caller has checked that the viewer may see them.</summary>
    /// <param name="containerIds">Ids of container records.</param>
    public IDisposable Watch(IEnumerable<string> containerIds)
    {
        var ids = containerIds.Distinct(StringComparer.Ordinal).ToArray();
        Change(ids, +1);
        return new Subscription(this, ids);
    }

    /// <summary>The agent has to be told again: a new session, or other engine ids.</summary>
    internal void Refresh(string nodeId)
    {
        // A node is in the queue once however often it changes: the set is made when it is sent.
        if (_due.TryAdd(nodeId, 0))
        {
            _queue.Writer.TryWrite(nodeId);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var nodeId in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            _due.TryRemove(nodeId, out _);
            if (links.Of(nodeId) is { } link)
            {
                _ = SendAsync(link, Wanted(nodeId), stoppingToken);
            }
        }
    }

    internal IReadOnlyList<string> Wanted(string nodeId)
    {
        var snapshot = state.Current;
        lock (_gate)
        {
            return
            [
                .. _watched.Keys
                    .Select(snapshot.Container)
                    .Where(container => container?.EngineId is not null && string.Equals(container.NodeId, nodeId, StringComparison.Ordinal))
                    .Select(container => container!.EngineId!)
                    .Take(MaxPerNode),
            ];
        }
    }

    private void Change(string[] ids, int by)
    {
        var snapshot = state.Current;
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (var id in ids)
            {
                var count = _watched.GetValueOrDefault(id) + by;
                if (count > 0)
                {
                    _watched[id] = count;
                }
                else
                {
                    _watched.Remove(id);
                }

                if (count == 0 || (count == 1 && by > 0))
                {
                    if (snapshot.Container(id) is { } container)
                    {
                        nodes.Add(container.NodeId);
                    }
                }
            }
        }

        foreach (var node in nodes)
        {
            Refresh(node);
        }
    }

    private async Task SendAsync(INodeLink link, IReadOnlyList<string> engineIds, CancellationToken cancellationToken)
    {
        try
        {
            await link.WatchUsageAsync(engineIds, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A new session is told everything again.
            LogNotTold(link.NodeId, exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    [LoggerMessage(LogLevel.Debug, "Node {NodeId} was not told what to measure: {Cause}")]
    private partial void LogNotTold(string nodeId, string cause);

    private sealed class Subscription(UsageWatch owner, string[] ids) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                owner.Change(ids, -1);
            }
        }
    }
}
