using System.Threading.Channels;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>
/// What waits to be said besides the inventory. Results are kept until the server has taken them, across sessions; progress and usage
/// are kept as the latest only and are lost with a session.
/// </summary>
internal sealed class Outbox
{
    /// <summary>As many results as commands are remembered; a server away for longer asks again by command id.</summary>
    public const int MostResults = 1000;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly OrderedDictionary<string, CommandResult> _unacknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CommandProgress> _progress = new(StringComparer.Ordinal);
    private readonly List<CommandResult> _results = [];
    private UsageReport? _usage;
    private bool _heartbeat;

    /// <summary>Ids of results that the server has not taken yet.</summary>
    public IReadOnlyList<string> Unacknowledged
    {
        get
        {
            lock (_gate)
            {
                return [.. _unacknowledged.Keys];
            }
        }
    }

    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>Queues a result; the inventory change it caused must be in the store already.</summary>
    public void Add(CommandResult result)
    {
        lock (_gate)
        {
            _progress.Remove(result.CommandId);
            _unacknowledged[result.CommandId] = result;
            _results.Add(result);
            if (_unacknowledged.Count > MostResults)
            {
                _results.Remove(_unacknowledged.GetAt(0).Value);
                _unacknowledged.RemoveAt(0);
            }
        }

        Wake();
    }

    public void Add(CommandProgress progress)
    {
        lock (_gate)
        {
            _progress[progress.CommandId] = progress;
        }

        Wake();
    }

    public void Add(UsageReport usage)
    {
        lock (_gate)
        {
            _usage = usage;
        }

        Wake();
    }

    public void AddHeartbeat()
    {
        lock (_gate)
        {
            _heartbeat = true;
        }

        Wake();
    }

    /// <summary>The server has the result.</summary>
    public void Acknowledge(string commandId)
    {
        lock (_gate)
        {
            _unacknowledged.Remove(commandId);
        }
    }

    /// <summary>A new session begins: what the old one may have lost is said again.</summary>
    public void BeginSession()
    {
        lock (_gate)
        {
            _results.Clear();
            _results.AddRange(_unacknowledged.Values);
            _progress.Clear();
            _usage = null;
            _heartbeat = false;
        }

        Wake();
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _signal.Reader.ReadAsync(cancellationToken);

    public OutboxContent Take()
    {
        lock (_gate)
        {
            var content = new OutboxContent([.. _results], [.. _progress.Values], _usage, _heartbeat);
            _results.Clear();
            _progress.Clear();
            _usage = null;
            _heartbeat = false;
            return content;
        }
    }
}
