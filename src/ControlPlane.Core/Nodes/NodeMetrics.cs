using System.Diagnostics.Metrics;

namespace ControlPlane.Core.Nodes;

/// <summary>Counters about nodes.</summary>
public sealed class NodeMetrics
{
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _mismatches;

    public NodeMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create("ControlPlane");
        _sessions = meter.CreateCounter<long>("controlplane_node_sessions_opened", description: "Sessions opened by agents.");
        _mismatches = meter.CreateCounter<long>("controlplane_node_digest_mismatches", description: "Heartbeats whose inventory digest was not the server's.");
    }

    internal void SessionOpened() => _sessions.Add(1);

    internal void DigestMismatch() => _mismatches.Add(1);
}
