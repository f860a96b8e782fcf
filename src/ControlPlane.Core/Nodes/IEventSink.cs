using ControlPlane.Core.Data;
using ControlPlane.Core.WriteBehind;

namespace ControlPlane.Core.Nodes;

/// <summary>Where observed things go; they are written behind and never hold anybody up.</summary>
public interface IEventSink
{
    /// <summary>An event for people.</summary>
    void Add(EventEntity entry);

    /// <summary>A node was heard; null leaves a column as it is.</summary>
    void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId);
}

/// <summary>By way of the write-behind queue.</summary>
internal sealed class WriteBehindSink(WriteBehindQueue queue) : IEventSink
{
    public void Add(EventEntity entry) => queue.Enqueue(entry);

    public void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId) =>
        queue.Enqueue(new NodeSeen(nodeId, at, descriptionJson, agentVersion, engineId));
}
