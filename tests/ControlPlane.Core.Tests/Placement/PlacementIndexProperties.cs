using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;
using CsCheck;

namespace ControlPlane.Core.Tests.Placement;

public sealed class PlacementIndexProperties
{
    private static readonly HostPort[] Ports =
        [HostPort.OnAnyAddress(0), HostPort.OnAnyAddress(80), HostPort.OnAnyAddress(80, PortProtocol.Udp), HostPort.OnAnyAddress(443)];

    private static readonly Gen<ContainerLoad> Load =
        from node in Gen.Int[0, 5]
        from names in Gen.Int[0, 6].Array[0, 2]
        from memory in Gen.Int[0, 3]
        from cpus in Gen.Int[0, 3]
        from ports in Gen.OneOf(Ports).Array[0, 2]
        select new ContainerLoad(new NodeId($"id-{node}"), [.. names.Select(name => $"name-{name}")], memory, cpus, ports);

    private static readonly Gen<PlacementRequest> Request =
        from memory in Gen.Int[0, 3]
        from cpus in Gen.Int[0, 3]
        from ports in Gen.OneOf(Ports).Array[0, 2]
        from seed in Gen.ULong
        select new PlacementRequest { MemoryBytes = memory, NanoCpus = cpus, HostPorts = ports, Seed = seed };

    private static readonly Gen<NodeFacts> Node =
        from number in Gen.Int[0, 5]
        from state in Gen.Frequency((4, Gen.Const(NodeState.Ready)), (1, Gen.Const(NodeState.Down)))
        from size in Gen.Int[1, 10]
        select new NodeFacts { Id = new NodeId($"id-{number}"), Name = $"node-{number}", State = state, Capacity = new NodeCapacity(size, size, 0) };

    private static readonly Gen<Action<PlacementIndex, Model>> Step = Gen.Frequency(
        (2, Node.Select(Act<NodeFacts>((facts, index, model) =>
        {
            index.UpsertNode(facts);
            model.Nodes[facts.Id] = facts;
        }))),
        (1, Gen.Int[0, 5].Select(Act<int>((number, index, model) =>
        {
            index.RemoveNode(new NodeId($"id-{number}"));
            model.Nodes.Remove(new NodeId($"id-{number}"));
        }))),
        (5, Gen.Select(Gen.Int[0, 8], Load).Select(Act<(int Key, ContainerLoad Load)>((put, index, model) =>
        {
            index.Put($"key-{put.Key}", put.Load);
            model.Put($"key-{put.Key}", put.Load);
        }))),
        (3, Gen.Int[0, 8].Select(Act<int>((key, index, model) =>
        {
            index.Remove($"key-{key}");
            model.Known.Remove($"key-{key}");
            model.Renames.RemoveAll(rename => rename.Key == $"key-{key}");
        }))),
        (2, Gen.Int[0, 8].Select(Act<int>((key, index, model) =>
        {
            index.Release($"key-{key}");
            model.Reserved.Remove($"key-{key}");
            model.Renames.RemoveAll(rename => rename.Key == $"key-{key}");
        }))),
        (2, Gen.Select(Gen.Int[0, 8], Gen.Int[0, 6]).Select(Act<(int Key, int Name)>((rename, index, model) =>
        {
            var (key, name) = ($"key-{rename.Key}", $"name-{rename.Name}");
            var isFree = model.Holders(name).All(holder => holder == key);
            index.TryReserveName(key, name).ShouldBe(isFree);
            if (isFree && !model.Renames.Contains((key, name)))
            {
                model.Renames.Add((key, name));
            }
        }))),
        (6, Gen.Select(Gen.Int[0, 8], Gen.Int[0, 6], Request).Select(
            Act<(int Key, int Name, PlacementRequest Request)>((create, index, model) =>
                Reserve($"key-{create.Key}", $"name-{create.Name}", create.Request, index, model)))));

    [Fact]
    public void The_index_equals_one_computed_from_scratch_after_any_operations() => Step.Array[1, 60].Sample(
        steps =>
        {
            var index = new PlacementIndex();
            var model = new Model();
            foreach (var step in steps)
            {
                step(index, model);
                Compare(index, model);
            }
        },
        iter: 1500);

    private static Func<T, Action<PlacementIndex, Model>> Act<T>(Action<T, PlacementIndex, Model> act) =>
        value => (index, model) => act(value, index, model);

    private static void Reserve(string key, string name, PlacementRequest request, PlacementIndex index, Model model)
    {
        if (model.Reserved.ContainsKey(key))
        {
            return;
        }

        switch (index.DecideAndReserve(key, name, request))
        {
            case ReserveResult.Reserved { Decision: var placed }:
                model.Holders(name).All(holder => holder == key).ShouldBeTrue();
                model.Fits(request, placed.Node).ShouldBeTrue();
                model.Reserved[key] = new ContainerLoad(placed.Node, [name], request.MemoryBytes, request.NanoCpus, request.HostPorts);
                break;
            case ReserveResult.NameTaken taken:
                taken.ByKey.ShouldNotBe(key);
                model.Holders(name).Contains(taken.ByKey).ShouldBeTrue();
                break;
            case ReserveResult.Unplaceable:
                model.Nodes.Keys.Any(node => model.Fits(request, node)).ShouldBeFalse();
                break;
        }
    }

    private static void Compare(PlacementIndex index, Model model)
    {
        var view = index.View;
        var nodes = Enumerable.Range(0, view.SlotCount)
            .Where(slot => view.TryGetNode(slot, out _))
            .Select(slot => (Slot: slot, Node: view.TryGetNode(slot, out var node) ? node : default))
            .ToArray();

        index.ReservationCount.ShouldBe(model.Reserved.Count);
        view.NodeCount.ShouldBe(model.Nodes.Count);
        nodes.All(place => place.Node.Facts == model.Nodes[place.Node.Id]).ShouldBeTrue();
        foreach (var (_, node) in nodes)
        {
            var loads = model.LoadsOn(node.Id).ToArray();
            node.Usage.ContainerCount.ShouldBe(loads.Length);
            node.Usage.ReservedMemoryBytes.ShouldBe(loads.Sum(load => load.MemoryBytes));
            node.Usage.ReservedNanoCpus.ShouldBe(loads.Sum(load => load.NanoCpus));
            Array.TrueForAll(Ports, port => node.Usage.IsTaken(port) == loads.Any(load => load.HostPorts.Any(taken => taken.ClashesWith(port)))).ShouldBeTrue();
        }

        for (var i = 0; i <= 6; i++)
        {
            var holders = model.Holders($"name-{i}").ToArray();
            if (index.FindByName($"name-{i}") is { } holder)
            {
                holders.Contains(holder).ShouldBeTrue();
            }
            else
            {
                holders.Length.ShouldBe(0);
            }
        }
    }

    /// <summary>The same facts without any running total.</summary>
    private sealed class Model
    {
        public Dictionary<NodeId, NodeFacts> Nodes { get; } = [];

        public Dictionary<string, ContainerLoad> Known { get; } = [];

        public Dictionary<string, ContainerLoad> Reserved { get; } = [];

        public List<(string Key, string Name)> Renames { get; } = [];

        public void Put(string key, ContainerLoad load)
        {
            Known[key] = load;
            Reserved.Remove(key);
            Renames.RemoveAll(rename => rename.Key == key && load.Names.Contains(rename.Name));
        }

        public IEnumerable<ContainerLoad> LoadsOn(NodeId node) => Known.Values.Concat(Reserved.Values).Where(load => load.Node == node);

        public IEnumerable<string> Holders(string name) => Known.Concat(Reserved)
            .Where(pair => pair.Value.Names.Contains(name)).Select(pair => pair.Key)
            .Concat(Renames.Where(rename => rename.Name == name).Select(rename => rename.Key));

        public bool Fits(PlacementRequest request, NodeId node) =>
            Nodes[node].State == NodeState.Ready
            && (request.MemoryBytes == 0 || LoadsOn(node).Sum(load => load.MemoryBytes) + request.MemoryBytes <= Nodes[node].Capacity.MemoryBytes)
            && (request.NanoCpus == 0 || LoadsOn(node).Sum(load => load.NanoCpus) + request.NanoCpus <= Nodes[node].Capacity.NanoCpus)
            && !request.HostPorts.Any(port => LoadsOn(node).Any(load => load.HostPorts.Any(taken => taken.ClashesWith(port))));
    }
}
