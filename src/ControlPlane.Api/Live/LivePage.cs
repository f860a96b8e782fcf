using ControlPlane.Contracts.Live;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Live;

/// <summary>
/// One open page: what it shows, and what changed of that since it was last told. Changes are collected as ids and handed out at
/// most once per <see cref="Pause"/>; the first after a quiet time at once.
/// </summary>
internal sealed class LivePage(string connectionId, ILiveClient client, Func<string, string, bool> maySee)
{
    /// <summary>At most ten messages a second and page; docs/adr/0010 says why not four.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // A page shows 200 rows at most; more is not a page.
    private const int MaxVisible = 1000;

    // Beyond this the page says "many new" anyway.
    private const int MaxAdded = 200;

    private readonly Lock _gate = new();
    private HashSet<string> _visible = [];
    private bool _containerList;
    private bool _nodeList;
    private bool _everything;
    private LiveDirt _dirt = new();
    private DateTimeOffset _sentAt = DateTimeOffset.MinValue;
    private Sending? _sendingChanges;
    private Sending? _sendingNumbers;

    public string ConnectionId { get; } = connectionId;

    public ILiveClient Client { get; } = client;

    public IReadOnlyList<string> Containers { get; private set; } = [];

    public IReadOnlyList<string> Nodes { get; private set; } = [];

    public DateTime NumbersSentAt { get; set; }

    public void Watch(LiveWatch watch)
    {
        lock (_gate)
        {
            Containers = [.. watch.Containers.Take(MaxVisible)];
            Nodes = [.. watch.Nodes.Take(MaxVisible)];
            _visible = [.. Containers, .. Nodes, .. watch.Operations.Take(MaxVisible)];
            _containerList = watch.Lists.Contains("containers", StringComparer.Ordinal);
            _nodeList = watch.Lists.Contains("nodes", StringComparer.Ordinal);
            _everything = watch.Lists.Contains("overview", StringComparer.Ordinal);
            NumbersSentAt = default;
        }
    }

    /// <summary>Takes note of a change if this page shows it and its caller may see it.</summary>
    public void Offer(StateChange change)
    {
        lock (_gate)
        {
            var shown = _visible.Contains(change.Id);
            var isNew = change.Kind == ChangeKind.Added && change.Object switch
            {
                ObjectKind.Container => _containerList,
                ObjectKind.Node => _nodeList,
                _ => false,
            };
            if ((!shown && !isNew && !_everything && change.Object != ObjectKind.Operation) || !maySee(Permission(change.Object), change.Collection))
            {
                return;
            }

            _dirt.Any = true;
            if (change.Kind == ChangeKind.Removed && shown)
            {
                _dirt.Removed.Add(change.Id);
            }
            else if (shown)
            {
                _dirt.Of(change.Object)?.Add(change.Id);
            }
            else if (isNew && _dirt.Added(change.Object) is { Count: < MaxAdded } added)
            {
                added.Add(change.Id);
            }
        }
    }

    /// <summary>Changes were missed: everything it shows may be old.</summary>
    public void OfferAll()
    {
        lock (_gate)
        {
            _dirt.Any = true;
            foreach (var id in Containers)
            {
                _dirt.Of(ObjectKind.Container)?.Add(id);
            }

            foreach (var id in Nodes)
            {
                _dirt.Of(ObjectKind.Node)?.Add(id);
            }
        }
    }

    /// <summary>When it may be told next; null when there is nothing to tell.</summary>
    public DateTimeOffset? Due()
    {
        lock (_gate)
        {
            return _dirt.Any ? _sentAt == DateTimeOffset.MinValue ? DateTimeOffset.MinValue : _sentAt + Pause : null;
        }
    }

    /// <summary>What to tell it, or null while it is not due or still busy with the last message.</summary>
    public LiveChanges? Take(DateTimeOffset now, int runningOperations)
    {
        lock (_gate)
        {
            if (!_dirt.Any || (_sentAt != DateTimeOffset.MinValue && now < _sentAt + Pause) || _sendingChanges is { IsOver: false })
            {
                return null;
            }

            var taken = _dirt;
            _dirt = new LiveDirt();
            _sentAt = now;
            return taken.ToChanges(runningOperations);
        }
    }

    /// <summary>A slow page gets the next message when the last one has gone out; it holds nobody up.</summary>
    public Task TellAsync(LiveChanges changes) => TellAsync(ref _sendingChanges, () => Client.Changed(changes));

    /// <summary>Numbers that a slow page misses are followed by newer ones.</summary>
    public Task TellAsync(LiveNumbers numbers) => TellAsync(ref _sendingNumbers, () => Client.Numbers(numbers));

    private static Task TellAsync(ref Sending? busy, Func<Task> send)
    {
        var mine = new Sending();
        if (Interlocked.CompareExchange(ref busy, mine, null) is { IsOver: false })
        {
            return Task.CompletedTask;
        }

        busy = mine;
        return mine.RunAsync(send);
    }

    /// <summary>One message on its way.</summary>
    private sealed class Sending
    {
        public volatile bool IsOver;

        public async Task RunAsync(Func<Task> send)
        {
            try
            {
                await send();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The page has gone; the hub forgets it.
            }
            finally
            {
                IsOver = true;
            }
        }
    }

    private static string Permission(ObjectKind what) => what switch
    {
        ObjectKind.Container => Core.Access.Permission.ContainersRead,
        ObjectKind.Operation => Core.Access.Permission.OperationsRead,
        _ => Core.Access.Permission.NodesRead,
    };
}
