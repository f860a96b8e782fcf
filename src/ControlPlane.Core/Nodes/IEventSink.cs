using ControlPlane.Core.Data;

namespace ControlPlane.Core.Nodes;

/// <summary>Where observed things go; they are written behind and never hold anybody up.</summary>
public interface IEventSink
{
    /// <summary>An event for people.</summary>
    void Add(EventEntity entry);

    /// <summary>A node was heard; null leaves a column as it is.</summary>
    void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId);
}
