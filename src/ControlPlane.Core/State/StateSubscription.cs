using System.Threading.Channels;

namespace ControlPlane.Core.State;

/// <summary>A snapshot and every later change. Dispose to leave.</summary>
public sealed class StateSubscription : IDisposable
{
    // A batch per write; a subscriber this far behind is better served by a new snapshot.
    private const int MaxBatches = 1024;

    private readonly Channel<IReadOnlyList<StateChange>> _batches = Channel.CreateBounded<IReadOnlyList<StateChange>>(
        new BoundedChannelOptions(MaxBatches) { SingleWriter = true, SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly ClusterState _owner;
    private volatile bool _lagged;

    internal StateSubscription(ClusterState owner, ClusterSnapshot start)
    {
        _owner = owner;
        Start = start;
    }

    /// <summary>Where the changes go on from.</summary>
    public ClusterSnapshot Start { get; }

    /// <summary>True when the stream ended because the reader was too slow: subscribe again and begin from its <see cref="Start"/>.</summary>
    public bool Lagged => _lagged;

    /// <summary>Batches of changes in order; ends when lagged or disposed.</summary>
    public ChannelReader<IReadOnlyList<StateChange>> Changes => _batches.Reader;

    public void Dispose()
    {
        _owner.Leave(this);
        _batches.Writer.TryComplete();
    }

    /// <summary>Called by the writer; never waits.</summary>
    internal bool Offer(IReadOnlyList<StateChange> batch)
    {
        if (_batches.Writer.TryWrite(batch))
        {
            return true;
        }

        _lagged = true;
        _batches.Writer.TryComplete();
        return false;
    }
}
