using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>Events that wait for the next report: the newest, bounded by number and size. Not safe for two threads.</summary>
internal sealed class UntoldEvents
{
    private const int Most = 500;
    private const int LargestSize = 1024 * 1024;

    private readonly Queue<EngineEvent> _events = new();
    private int _size;

    public bool IsEmpty => _events.Count == 0;

    public void Add(EngineEvent happened)
    {
        _events.Enqueue(happened);
        _size += Weigh(happened);
        while (_events.Count > Most || _size > LargestSize)
        {
            _size -= Weigh(_events.Dequeue());
        }
    }

    public IReadOnlyList<EngineEvent> TakeAll()
    {
        EngineEvent[] events = [.. _events];
        _events.Clear();
        _size = 0;
        return events;
    }

    /// <summary>About how many characters it has.</summary>
    public static int Weigh(EngineEvent happened) =>
        256 + happened.Action.Length + happened.Name.Length + happened.Detail.Length + happened.Attributes.Sum(attribute => attribute.Key.Length + attribute.Value.Length + 8);
}
