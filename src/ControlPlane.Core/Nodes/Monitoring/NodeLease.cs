using ControlPlane.Core.Nodes.Sessions;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>
/// What the monitor knows about one node's signs of life. Times are timestamps of the clock's monotonic counter, so that a jump of the
/// wall clock fails no node.
/// </summary>
internal sealed class NodeLease
{
    private volatile NodeSession? _session;
    private volatile bool _engineUp;
    private long _lastBeat;
    private long _lostAt;
    private long _markedAt;
    private volatile bool _marked;

    public NodeLease(long lostAt) => _lostAt = lostAt;

    public NodeSession? Session => _session;

    public bool EngineUp
    {
        get => _engineUp;
        set => _engineUp = value;
    }

    public long LastBeat => Volatile.Read(ref _lastBeat);

    public long LostAt => Volatile.Read(ref _lostAt);

    /// <summary>Two agents used the identity.</summary>
    public bool Marked => _marked;

    public long MarkedAt => Volatile.Read(ref _markedAt);

    public void Open(NodeSession session, bool engineUp, long now)
    {
        Volatile.Write(ref _lastBeat, now);
        _engineUp = engineUp;
        _session = session;
    }

    public void Beat(long now) => Volatile.Write(ref _lastBeat, now);

    /// <summary>Returns false when another session has taken over.</summary>
    public bool Close(NodeSession session, long now)
    {
        if (!ReferenceEquals(_session, session))
        {
            return false;
        }

        Volatile.Write(ref _lostAt, now);
        _session = null;
        return true;
    }

    public void Mark(long now)
    {
        Volatile.Write(ref _markedAt, now);
        _marked = true;
    }

    public void Unmark() => _marked = false;
}
