using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// What is on which node, kept up to date incrementally, and the ledger of reservations. Not synchronised: its one owner
/// holds a lock around every call, reads included. The rules are in README.md beside this file.
/// </summary>
public sealed class PlacementIndex
{
    private readonly Scheduling.Placement _placement;
    private readonly NodeSlots _nodes = new();
    private readonly NameTable _names = new();
    private readonly Dictionary<string, ContainerLoad> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerLoad> _reserved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _renames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _engineIds = new(StringComparer.Ordinal);

    public PlacementIndex()
        : this(Scheduling.Placement.Standard)
    {
    }

    public PlacementIndex(Scheduling.Placement placement)
    {
        _placement = placement;
        View = new IndexedView(_nodes, NodesOfContainer);
    }

    /// <summary>Containers in flight: reserved and neither known nor given up.</summary>
    public int ReservationCount => _reserved.Count;

    /// <summary>The nodes as decisions see them, e.g. for simulations; valid under the owner's lock only.</summary>
    public IClusterView View { get; }

    /// <summary>The reservations as they are now, e.g. for copies; later changes do not touch the answer.</summary>
    public IReadOnlyList<KeyValuePair<string, ContainerLoad>> Reservations() => [.. _reserved];

    /// <summary>Adds a node or replaces what is known of it; containers already known to be on it count from now on.</summary>
    public void UpsertNode(NodeFacts facts) => _nodes.Register(facts);

    /// <summary>Takes a node out of every decision. What was on it stays known, names included, until it is removed by key.</summary>
    public void RemoveNode(NodeId id) => _nodes.Unregister(id);

    /// <summary>Records a container, replacing what was known under this key and ending its reservation.</summary>
    public void Put(string key, ContainerLoad load)
    {
        if (load.Names is not [var only] || only.StartsWith('/'))
        {
            load = load with { Names = [.. load.Names.Select(ContainerName.Canonical).Distinct(StringComparer.Ordinal)] };
        }

        Enter(_known, key, load);
        Leave(_reserved, key);
        EndRenames(key, load.Names);
    }

    /// <summary>Forgets a container and its rename holds, not a reservation under the same key.</summary>
    public void Remove(string key)
    {
        Leave(_known, key);
        EndRenames(key, names: null);
    }

    /// <summary>Decides and reserves in one step. A key has at most one reservation; give up the old one first.</summary>
    /// <param name="key">Cluster id of the container.</param>
    /// <param name="name">A name by the engine's rule, without slash; free if only <paramref name="key"/> itself holds it.</param>
    /// <param name="request">What is to be placed.</param>
    public ReserveResult DecideAndReserve(string key, string name, PlacementRequest request)
    {
        RequireValid(name);
        if (_reserved.ContainsKey(key))
        {
            throw new InvalidOperationException($"'{key}' has a reservation already");
        }

        if (_names.FindOther(name, key) is { } holder)
        {
            return new ReserveResult.NameTaken(holder);
        }

        switch (_placement.Decide(request, View))
        {
            case Placed placed:
                Enter(_reserved, key, LoadOf(placed.Node, name, request));
                return new ReserveResult.Reserved(placed);
            case Scheduling.Unplaceable refusal:
                return new ReserveResult.Unplaceable(refusal);
            case var other:
                throw new InvalidOperationException($"unexpected decision {other.GetType().Name}");
        }
    }

    /// <summary>
    /// Holds a new name for a container beside those it has, until <see cref="Put"/> brings that name or
    /// <see cref="Release"/> gives it up; false when another container has it.
    /// </summary>
    public bool TryReserveName(string key, string newName)
    {
        RequireValid(newName);
        if (_names.FindOther(newName, key) is not null)
        {
            return false;
        }

        if (!_renames.TryGetValue(key, out var held))
        {
            _renames[key] = held = [];
        }

        if (!held.Contains(newName, StringComparer.Ordinal))
        {
            held.Add(newName);
            _names.Add(newName, key);
        }

        return true;
    }

    /// <summary>Gives up the reservation and the rename holds of a key; what is known of the container stays.</summary>
    public void Release(string key)
    {
        Leave(_reserved, key);
        EndRenames(key, names: null);
    }

    /// <summary>Every reason for every node, for the cluster as it is now.</summary>
    public PlacementExplanation Explain(PlacementRequest request) => _placement.Explain(request, View);

    /// <summary>The key of the container that has this name or for which it is held, or null; a leading slash is ignored.</summary>
    public string? FindByName(string name) => _names.Find(ContainerName.Canonical(name));

    /// <summary>What a request takes once it is placed.</summary>
    internal static ContainerLoad LoadOf(NodeId node, string name, PlacementRequest request) =>
        new(node, [name], request.MemoryBytes, request.NanoCpus, request.HostPorts) { Labels = request.Labels, GenericResources = request.GenericResources };

    private static void RequireValid(string name)
    {
        if (!ContainerName.IsValid(name))
        {
            throw new ArgumentException($"a name is {ContainerName.Rule}", nameof(name));
        }
    }

    /// <summary>Where containers with this name, cluster id or engine id are, reservations included.</summary>
    private IEnumerable<NodeId> NodesOfContainer(string nameOrId)
    {
        foreach (var key in _names.Holders(nameOrId))
        {
            foreach (var node in NodesOf(key))
            {
                yield return node;
            }
        }

        foreach (var node in NodesOf(_engineIds.GetValueOrDefault(nameOrId) ?? nameOrId))
        {
            yield return node;
        }
    }

    private IEnumerable<NodeId> NodesOf(string key)
    {
        if (_known.TryGetValue(key, out var known))
        {
            yield return known.Node;
        }

        if (_reserved.TryGetValue(key, out var reserved))
        {
            yield return reserved.Node;
        }
    }

    // The new one comes before the old one goes: a name kept across a change is never free in between and keeps its rank.
    private void Enter(Dictionary<string, ContainerLoad> ledger, string key, ContainerLoad load)
    {
        foreach (var name in load.Names)
        {
            _names.Add(name, key);
        }

        Leave(ledger, key);
        ledger[key] = load;
        if (load.EngineId is { } engineId)
        {
            _engineIds[engineId] = key;
        }

        _nodes.Add(key, ReferenceEquals(ledger, _reserved), load);
    }

    private void Leave(Dictionary<string, ContainerLoad> ledger, string key)
    {
        if (!ledger.Remove(key, out var load))
        {
            return;
        }

        if (load.EngineId is { } engineId)
        {
            _engineIds.Remove(engineId);
        }

        _nodes.Subtract(key, ReferenceEquals(ledger, _reserved), load);
        foreach (var name in load.Names)
        {
            _names.Remove(name, key);
        }
    }

    private void EndRenames(string key, IReadOnlyList<string>? names)
    {
        if (!_renames.TryGetValue(key, out var held))
        {
            return;
        }

        foreach (var name in held.Where(name => names is null || names.Contains(name, StringComparer.Ordinal)).ToArray())
        {
            held.Remove(name);
            _names.Remove(name, key);
        }

        if (held.Count == 0)
        {
            _renames.Remove(key);
        }
    }
}
