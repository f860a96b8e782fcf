using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Inventory;

/// <summary>
/// What the engine holds as far as the agent knows, and what of it has not been told yet. Changes gather here while a message is on
/// its way, so a slow session costs memory for one inventory at most. An older look at a container never replaces a newer one.
/// </summary>
internal sealed class InventoryStore(TimeProvider time)
{
    private const int RememberedRemovals = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byClusterId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<string> _goneOrder = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private readonly UntoldEvents _events = new();
    private IReadOnlyList<ImageReport> _images = [];
    private IReadOnlyList<NetworkReport> _networks = [];
    private IReadOnlyList<VolumeReport> _volumes = [];
    private long _imagesMark = long.MinValue;
    private long _networksMark = long.MinValue;
    private long _volumesMark = long.MinValue;
    private bool _imagesChanged;
    private bool _networksChanged;
    private bool _volumesChanged;
    private bool _known;
    private bool _fullWanted;
    private bool _engineUp;
    private NodeDescription? _description;

    /// <summary>Raised, outside the lock, when there is something to tell.</summary>
    public event Action? Changed;

    /// <summary>Raised when the engine comes or goes.</summary>
    public event Action? EngineUpChanged;

    /// <summary>False until the engine has been read once: before that there is nothing to report, not even emptiness.</summary>
    public bool IsKnown
    {
        get
        {
            lock (_gate)
            {
                return _known;
            }
        }
    }

    public bool EngineUp
    {
        get
        {
            lock (_gate)
            {
                return _engineUp;
            }
        }
    }

    /// <summary>The engine's description; null while it is away.</summary>
    public NodeDescription? Description
    {
        get
        {
            lock (_gate)
            {
                return _engineUp ? _description : null;
            }
        }
    }

    /// <summary>A mark to take before looking at the engine; see <see cref="Apply"/>.</summary>
    public long Mark() => time.GetTimestamp();

    public void SetEngineUp(bool up)
    {
        lock (_gate)
        {
            if (_engineUp == up)
            {
                return;
            }

            _engineUp = up;
        }

        EngineUpChanged?.Invoke();
        Changed?.Invoke();
    }

    public void SetDescription(NodeDescription description)
    {
        lock (_gate)
        {
            _description = description;
        }

        Changed?.Invoke();
    }

    public string? FindByClusterId(string clusterId)
    {
        lock (_gate)
        {
            return _byClusterId.GetValueOrDefault(clusterId);
        }
    }

    public ContainerReport? Find(string engineId)
    {
        lock (_gate)
        {
            return _containers.TryGetValue(engineId, out var entry) ? entry.Report : null;
        }
    }

    /// <summary>Takes a container over as it was seen.</summary>
    /// <param name="report">The container.</param>
    /// <param name="mark">The <see cref="Mark"/> from before the look.</param>
    public void Apply(ContainerReport report, long mark)
    {
        lock (_gate)
        {
            ApplyLocked(report, mark);
        }

        Changed?.Invoke();
    }

    public void Remove(string engineId)
    {
        lock (_gate)
        {
            RemoveLocked(engineId);
        }

        Changed?.Invoke();
    }

    /// <summary>Takes over a complete read of the engine that began at <paramref name="mark"/>.</summary>
    public void Replace(
        IReadOnlyList<ContainerReport> containers, long mark, IReadOnlyList<ImageReport> images, IReadOnlyList<NetworkReport> networks, IReadOnlyList<VolumeReport> volumes)
    {
        lock (_gate)
        {
            var seen = containers.Select(container => container.EngineId).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _containers.Where(entry => entry.Value.Mark < mark && !seen.Contains(entry.Key)).Select(entry => entry.Key).ToList())
            {
                RemoveLocked(gone);
            }

            foreach (var container in containers)
            {
                ApplyLocked(container, mark);
            }

            TakeList(ref _images, images, ref _imagesMark, mark);
            TakeList(ref _networks, networks, ref _networksMark, mark);
            TakeList(ref _volumes, volumes, ref _volumesMark, mark);
            _imagesChanged = _networksChanged = _volumesChanged = true;
            _known = _fullWanted = true;
        }

        Changed?.Invoke();
    }

    /// <summary>Takes the list of images over as it was seen; an older look never replaces a newer one.</summary>
    public void SetImages(IReadOnlyList<ImageReport> images, long mark)
    {
        lock (_gate)
        {
            _imagesChanged |= TakeList(ref _images, images, ref _imagesMark, mark);
        }

        Changed?.Invoke();
    }

    /// <summary>The images as they are known now.</summary>
    public IReadOnlyList<ImageReport> Images
    {
        get
        {
            lock (_gate)
            {
                return _images;
            }
        }
    }

    /// <summary>Adds to what is known of the images, whatever the list is by now.</summary>
    public void SetImages(Func<IReadOnlyList<ImageReport>, IReadOnlyList<ImageReport>> change)
    {
        lock (_gate)
        {
            _images = change(_images);
            _imagesChanged = true;
        }

        Changed?.Invoke();
    }

    /// <inheritdoc cref="SetImages(IReadOnlyList{ImageReport}, long)"/>
    public void SetNetworks(IReadOnlyList<NetworkReport> networks, long mark)
    {
        lock (_gate)
        {
            _networksChanged |= TakeList(ref _networks, networks, ref _networksMark, mark);
        }

        Changed?.Invoke();
    }

    /// <inheritdoc cref="SetImages(IReadOnlyList{ImageReport}, long)"/>
    public void SetVolumes(IReadOnlyList<VolumeReport> volumes, long mark)
    {
        lock (_gate)
        {
            _volumesChanged |= TakeList(ref _volumes, volumes, ref _volumesMark, mark);
        }

        Changed?.Invoke();
    }

    /// <summary>All of these volumes are known.</summary>
    public bool HasVolumes(IReadOnlyCollection<string> names)
    {
        lock (_gate)
        {
            return names.All(name => _volumes.Any(volume => volume.Name == name));
        }
    }

    /// <summary>Keeps an event for the next report; it travels with the change it led to.</summary>
    public void Note(EngineEvent engineEvent)
    {
        lock (_gate)
        {
            _events.Add(engineEvent);
        }
    }

    /// <summary>Events that led to no change have waited long enough.</summary>
    public void TellEvents() => Changed?.Invoke();

    /// <summary>The next report has to be a full one.</summary>
    public void WantFull()
    {
        lock (_gate)
        {
            _fullWanted = true;
        }

        Changed?.Invoke();
    }

    /// <summary>What there is to tell: everything when that is wanted, else what has changed; null when nothing has or the engine was never read.</summary>
    public InventoryChange? Take()
    {
        lock (_gate)
        {
            return !_known ? null : _fullWanted ? TakeFull() : TakeDelta();
        }
    }

    private InventoryChange TakeFull()
    {
        _changed.Clear();
        _removed.Clear();
        _fullWanted = _imagesChanged = _networksChanged = _volumesChanged = false;
        return new InventoryChange(true, [.. _containers.Values.Select(entry => entry.Report)], [], _images, _networks, _volumes, _events.TakeAll());
    }

    private InventoryChange? TakeDelta()
    {
        if (_changed.Count == 0 && _removed.Count == 0 && !_imagesChanged && !_networksChanged && !_volumesChanged && _events.IsEmpty)
        {
            return null;
        }

        var delta = new InventoryChange(
            false, [.. _changed.Select(id => _containers[id].Report)], [.. _removed],
            _imagesChanged ? _images : null, _networksChanged ? _networks : null, _volumesChanged ? _volumes : null, _events.TakeAll());
        _changed.Clear();
        _removed.Clear();
        _imagesChanged = _networksChanged = _volumesChanged = false;
        return delta;
    }

    private static bool TakeList<T>(ref IReadOnlyList<T> list, IReadOnlyList<T> seen, ref long known, long mark)
    {
        if (mark < known)
        {
            return false;
        }

        (list, known) = (seen, mark);
        return true;
    }

    private void ApplyLocked(ContainerReport report, long mark)
    {
        if (_gone.Contains(report.EngineId))
        {
            return;
        }

        if (_containers.TryGetValue(report.EngineId, out var known))
        {
            if (mark < known.Mark)
            {
                return;
            }

            if (ReportComparison.SaysTheSame(known.Report, report))
            {
                _containers[report.EngineId] = known with { Mark = mark };
                return;
            }
        }

        _containers[report.EngineId] = new Entry(report, mark);
        _changed.Add(report.EngineId);
        if (report.ClusterId is { } clusterId)
        {
            _byClusterId[clusterId] = report.EngineId;
        }
    }

    private void RemoveLocked(string engineId)
    {
        // The engine never uses an id twice: once gone, a look that began earlier must not bring it back.
        if (_gone.Add(engineId))
        {
            _goneOrder.Enqueue(engineId);
            if (_goneOrder.Count > RememberedRemovals)
            {
                _gone.Remove(_goneOrder.Dequeue());
            }
        }

        _changed.Remove(engineId);
        if (_containers.Remove(engineId, out var known))
        {
            _removed.Add(engineId);
            if (known.Report.ClusterId is { } clusterId && _byClusterId.GetValueOrDefault(clusterId) == engineId)
            {
                _byClusterId.Remove(clusterId);
            }
        }
    }

    private sealed record Entry(ContainerReport Report, long Mark);
}
