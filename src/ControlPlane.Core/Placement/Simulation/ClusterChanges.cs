using System.Collections.Immutable;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.State;
using NodeAvailability = ControlPlane.Core.State.NodeAvailability;
using NodeState = ControlPlane.Core.State.NodeState;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>What is different in a simulated cluster: read and checked whole, then applied to a copy.</summary>
internal sealed class ClusterChanges
{
    private const int MostNodes = 1000;
    private const int MostCpus = 1_000_000;
    private const long MostMemory = 1L << 50;

    private readonly Dictionary<string, NodeRecord> _changed = new(StringComparer.Ordinal);
    private readonly List<NodeRecord> _added = [];
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);

    public bool IsEmpty => _changed.Count == 0 && _added.Count == 0 && _removed.Count == 0;

    /// <summary>Nodes whose containers have to go somewhere else: drained, down or removed.</summary>
    public IReadOnlySet<string> Leaving => _leaving;

    /// <summary>Nodes that are new, with made ids.</summary>
    public IReadOnlyList<NodeRecord> Added => _added;

    /// <summary>The node as it is in the simulated cluster.</summary>
    public NodeRecord Of(NodeRecord node) => _changed.GetValueOrDefault(node.Id, node);

    public string WordFor(string nodeId) => _removed.Contains(nodeId) ? "removed" : _changed.ContainsKey(nodeId) ? "changed" : "";

    public static ClusterChanges Read(SimulatedChanges? changes, ClusterSnapshot cluster, VisibleNodes visible, List<FieldError> errors)
    {
        var read = new ClusterChanges();
        if (changes is not null)
        {
            read.ReadChanged(changes.Nodes ?? [], visible, errors);
            read.ReadRemoved(changes.RemoveNodes ?? [], visible, errors);
            read.ReadAdded(changes.AddNodes ?? [], cluster, visible, errors);
        }

        return read;
    }

    public void Apply(ClusterCopy copy)
    {
        foreach (var record in _changed.Values.Concat(_added))
        {
            copy.Index.UpsertNode(PlacementFacts.Of(record, copy.Cluster.Scheduling));
        }

        foreach (var id in _removed)
        {
            copy.Index.RemoveNode(new Scheduling.NodeId(id));
        }
    }

    private void ReadChanged(IReadOnlyList<SimulatedNodeChange> nodes, VisibleNodes visible, List<FieldError> errors)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            var field = $"changes.nodes[{i}]";
            if (nodes[i] is not { Node: { } name } change)
            {
                errors.Add(new FieldError($"{field}.node", "is required"));
                continue;
            }

            var labels = new List<FieldError>();
            LabelRules.Check($"{field}.labels", change.Labels, labels);
            errors.AddRange(labels);
            NodeAvailability? availability = Availability(change.Availability, $"{field}.availability", errors);
            if (change.State is not (null or "ready" or "down"))
            {
                errors.Add(new FieldError($"{field}.state", "must be 'ready' or 'down'"));
            }

            if (visible.Find(name) is not { } node)
            {
                errors.Add(new FieldError($"{field}.node", "There is no such node."));
            }
            else if (!_changed.TryAdd(node.Id, Changed(node, change, availability)))
            {
                errors.Add(new FieldError($"{field}.node", "is named twice"));
            }
            else if (availability == NodeAvailability.Drain || change.State == "down")
            {
                _leaving.Add(node.Id);
            }
        }
    }

    private static NodeRecord Changed(NodeRecord node, SimulatedNodeChange change, NodeAvailability? availability)
    {
        var labels = node.ServerLabels.ToBuilder();
        foreach (var (key, value) in change.Labels ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            if (value is null)
            {
                labels.Remove(key);
            }
            else
            {
                labels[key] = value;
            }
        }

        var server = labels.ToImmutable();
        return node with
        {
            Availability = availability ?? node.Availability,
            State = change.State switch { "ready" => NodeState.Ready, "down" => NodeState.Down, _ => node.State },
            Synced = node.Synced || change.State == "ready",
            ServerLabels = server,
            Labels = NodeRecords.Merge(node.Description, server),
        };
    }

    private static NodeAvailability? Availability(string? text, string field, List<FieldError> errors)
    {
        switch (text)
        {
            case null:
                return null;
            case "active":
                return NodeAvailability.Active;
            case "pause":
                return NodeAvailability.Pause;
            case "drain":
                return NodeAvailability.Drain;
            default:
                errors.Add(new FieldError(field, "must be 'active', 'pause' or 'drain'"));
                return null;
        }
    }

    private void ReadRemoved(IReadOnlyList<string> names, VisibleNodes visible, List<FieldError> errors)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is not { } name || visible.Find(name) is not { } node)
            {
                errors.Add(new FieldError($"changes.removeNodes[{i}]", "There is no such node."));
            }
            else if (_changed.ContainsKey(node.Id) || !_removed.Add(node.Id))
            {
                errors.Add(new FieldError($"changes.removeNodes[{i}]", "is named twice"));
            }
            else
            {
                _leaving.Add(node.Id);
            }
        }
    }

    private void ReadAdded(IReadOnlyList<SimulatedNodeAddition> additions, ClusterSnapshot cluster, VisibleNodes visible, List<FieldError> errors)
    {
        var names = cluster.Nodes.Values.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < additions.Count; i++)
        {
            var field = $"changes.addNodes[{i}]";
            if (additions[i] is not { } addition)
            {
                errors.Add(new FieldError(field, "is required"));
                continue;
            }

            var before = errors.Count;
            var count = addition.Count ?? 1;
            if (count is < 1 or > MostNodes || _added.Count + count > MostNodes)
            {
                errors.Add(new FieldError($"{field}.count", $"must be 1 to {MostNodes}, and no more in all"));
            }

            LabelRules.Check($"{field}.labels", addition.Labels?.ToDictionary(label => label.Key, label => (string?)label.Value, StringComparer.Ordinal), errors);
            if (addition.Name is { } given && (given.Length is 0 or > 63 || given.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))))
            {
                errors.Add(new FieldError($"{field}.name", "must be 1 to 63 letters, digits, '-', '_' or '.'"));
            }

            var like = Like(addition, field, visible, errors);
            if (errors.Count > before)
            {
                continue;
            }

            var template = like ?? Described(addition, cluster);
            for (var copy = 1; copy <= count; copy++)
            {
                var name = addition.Name is null ? Free(names, $"{like?.Name ?? "node"}-new") : count == 1 ? addition.Name : $"{addition.Name}-{copy}";
                if (!names.Add(name))
                {
                    errors.Add(new FieldError($"{field}.name", $"{name} is taken"));
                    break;
                }

                _added.Add(New(template, $"simulated-{_added.Count + 1}", name, addition.Labels));
            }
        }
    }

    private static NodeRecord? Like(SimulatedNodeAddition addition, string field, VisibleNodes visible, List<FieldError> errors)
    {
        if (addition.Like is null)
        {
            Require(addition.Cpus is >= 1 and <= MostCpus, $"{field}.cpus", $"must be 1 to {MostCpus}, or say 'like'");
            Require(addition.MemoryBytes is >= 1 and <= MostMemory, $"{field}.memoryBytes", $"must be 1 to {MostMemory} bytes, or say 'like'");
            return null;
        }

        Require(addition.Cpus is null, $"{field}.cpus", "is not used with 'like'");
        Require(addition.MemoryBytes is null, $"{field}.memoryBytes", "is not used with 'like'");
        var like = visible.Find(addition.Like);
        Require(like is not null, $"{field}.like", "There is no such node.");
        return like;

        void Require(bool condition, string where, string message)
        {
            if (!condition)
            {
                errors.Add(new FieldError(where, message));
            }
        }
    }

    /// <summary>A node of this size; engine and platform as on the cluster's other nodes.</summary>
    private static NodeRecord Described(SimulatedNodeAddition addition, ClusterSnapshot cluster)
    {
        var any = cluster.Nodes.Values.Where(node => node.Description is not null).OrderBy(node => node.Name, StringComparer.Ordinal).FirstOrDefault()?.Description;
        return new NodeRecord
        {
            Id = "",
            Name = "",
            State = NodeState.Ready,
            StateSince = default,
            Availability = NodeAvailability.Active,
            JoinedAt = default,
            Revision = 0,
            Pulse = new NodePulse(),
            Description = (any ?? new Contracts.Agents.NodeDescription
            {
                EngineId = "", HostName = "", EngineVersion = "", ApiVersion = "", MinApiVersion = "", OperatingSystem = "Linux", OsType = "linux",
                Architecture = "x86_64", KernelVersion = "", StorageDriver = "overlay2", Cpus = 0, MemoryBytes = 0, EngineLabels = new Dictionary<string, string>(),
            }) with
            {
                Cpus = addition.Cpus!.Value,
                MemoryBytes = addition.MemoryBytes!.Value,
                EngineLabels = new Dictionary<string, string>(StringComparer.Ordinal),
            },
        };
    }

    private static NodeRecord New(NodeRecord template, string id, string name, IReadOnlyDictionary<string, string>? labels)
    {
        var server = labels is null ? template.ServerLabels : template.ServerLabels.SetItems(labels);
        return template with
        {
            Id = id,
            Name = name,
            State = NodeState.Ready,
            Availability = NodeAvailability.Active,
            Synced = true,
            Containers = 0,
            Running = 0,
            Images = [],
            Networks = [],
            Volumes = [],
            Contents = Scheduling.NodeContents.None,
            Health = 100,
            ServerLabels = server,
            Labels = NodeRecords.Merge(template.Description, server),
        };
    }

    private static string Free(HashSet<string> names, string stem)
    {
        for (var i = 1; ; i++)
        {
            if (!names.Contains($"{stem}-{i}"))
            {
                return $"{stem}-{i}";
            }
        }
    }
}
