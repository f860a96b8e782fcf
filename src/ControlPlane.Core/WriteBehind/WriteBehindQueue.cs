using System.Diagnostics.Metrics;
using System.Threading.Channels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.WriteBehind;

/// <summary>A node was heard; null leaves a column as it is.</summary>
public sealed record NodeSeen(string NodeId, DateTime At, string? DescriptionJson = null, string? AgentVersion = null, string? EngineId = null);

/// <summary>A token, session or certificate was used.</summary>
public sealed record CredentialSeen(CallerKind Kind, string Id, DateTime At, string? Address);

/// <summary>Observed things on their way to the database. Never blocks; when full, the oldest goes and is counted.</summary>
public sealed class WriteBehindQueue
{
    // About half a minute of a bad burst: 1,000 nodes with ten events a second each.
    private const int Capacity = 300_000;

    private readonly Channel<object> _items;

    public WriteBehindQueue(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var dropped = meters.Create("ControlPlane").CreateCounter<long>("controlplane_write_behind_dropped", description: "Observed items lost because the queue was full.");
        _items = Channel.CreateBounded<object>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => dropped.Add(1));
    }

    internal ChannelReader<object> Reader => _items.Reader;

    public void Enqueue(EventEntity item) => _items.Writer.TryWrite(item);

    public void Enqueue(NodeSeen item) => _items.Writer.TryWrite(item);

    public void Enqueue(CredentialSeen item) => _items.Writer.TryWrite(item);
}
