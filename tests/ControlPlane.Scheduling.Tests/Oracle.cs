using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling.Tests;

/// <summary>The specification, written as plainly as possible and without the product's filters, patterns and ranking.</summary>
internal static class Oracle
{
    public static NodeId? Decide(PlacementRequest request, TestCluster cluster)
    {
        var first = Best(request, cluster);
        return first is null && request.HasSoft ? Best(request.WithoutSoft(), cluster) : first;
    }

    public static bool Fits(PlacementRequest request, TestNode node) => Broken(request, node).Count == 0;

    /// <summary>Names of the filters that have to refuse the node.</summary>
    public static List<string> Broken(PlacementRequest request, TestNode node)
    {
        var facts = node.Facts;
        var broken = new List<string>();
        Say("health", facts.State == NodeState.Ready);
        Say("availability", facts.Availability == NodeAvailability.Active);
        Say("slots", facts.ContainerSlots is null || node.Usage.ContainerCount + 1 <= facts.ContainerSlots);
        Say("allowed-nodes", request.AllowedNodes is null || request.AllowedNodes.Contains(facts.Id));
        Say("refused", !request.RefusedBy.Keys.Contains(facts.Id));
        Say("resources", HasRoom(request, node) && request.GenericResources.All(resource => HasGeneric(resource, node)));
        Say("port", !request.HostPorts.Any(port => port.Port != 0 && node.Usage.Ports.Any(taken => taken.ClashesWith(port))));
        Say("platform", Runs(request.Platform, node));
        Say("constraint", request.Constraints.All(constraint => Meets(constraint, node)));
        Say("dependency", request.Dependencies.All(dependency => Holds(dependency, node)));
        Say("affinity", request.Affinities.All(affinity => IsNear(affinity, node) != affinity.IsNegated));
        return broken;

        void Say(string filter, bool passes)
        {
            if (!passes)
            {
                broken.Add(filter);
            }
        }
    }

    public static bool HasRoom(PlacementRequest request, TestNode node) =>
        (request.MemoryBytes == 0 || node.Usage.ReservedMemoryBytes + request.MemoryBytes <= Reservable(node, node.Facts.Capacity.MemoryBytes))
        && (request.NanoCpus == 0 || node.Usage.ReservedNanoCpus + request.NanoCpus <= Reservable(node, node.Facts.Capacity.NanoCpus));

    /// <summary>The weight as people know it: lowest first for spread, highest first for binpack.</summary>
    public static long Weight(PlacementRequest request, TestNode node, string strategy)
    {
        var memory = request.MemoryBytes == 0 ? 100 : (node.Usage.ReservedMemoryBytes + request.MemoryBytes) * 100 / Reservable(node, node.Facts.Capacity.MemoryBytes);
        var cpu = request.NanoCpus == 0 ? 100 : (node.Usage.ReservedNanoCpus + request.NanoCpus) * 100 / Reservable(node, node.Facts.Capacity.NanoCpus);
        return strategy == "binpack" ? memory + cpu + (10 * node.Facts.Health) : memory + cpu - (10 * node.Facts.Health);
    }

    private static NodeId? Best(PlacementRequest request, TestCluster cluster)
    {
        var start = SlotRing.Start(cluster, request.Seed);
        var fitting = cluster.Slots
            .Select((node, slot) => (Node: node, Ring: (slot - start + cluster.Slots.Count) % cluster.Slots.Count))
            .Where(place => place.Node is not null && Fits(request, place.Node))
            .Select(place => (Node: place.Node!, place.Ring))
            .ToArray();
        var preferred = fitting
            .OrderBy(place => request.Preference is null ? 0 : cluster.Slots.OfType<TestNode>().Where(node => Group(request, node) == Group(request, place.Node)).Sum(node => Peers(request, node)))
            .ThenBy(place => request.Preference is null ? 0 : Peers(request, place.Node));
        var ranked = request.Strategy switch
        {
            "spread" => preferred.ThenBy(place => Weight(request, place.Node, "spread")).ThenBy(place => place.Node.Usage.ContainerCount),
            "binpack" => preferred.ThenByDescending(place => Weight(request, place.Node, "binpack")).ThenByDescending(place => place.Node.Usage.ContainerCount),
            _ => preferred.ThenBy(place => Drawn(request.Seed, place.Node.Facts.Id.Value)),
        };
        return ranked.ThenBy(place => place.Ring).Select(place => (NodeId?)place.Node.Facts.Id).FirstOrDefault();
    }

    private static string Group(PlacementRequest request, TestNode node) => node.Facts.Labels.Find(request.Preference!.NodeLabel) ?? "";

    private static int Peers(PlacementRequest request, TestNode node) =>
        node.Usage.Held.Count(held => held.Labels.GetValueOrDefault(request.Preference!.PeerLabel) == request.Preference!.PeerValue);

    // The draw itself is arbitrary; it has to stay the same from version to version, so it is written down here once more.
    private static ulong Drawn(ulong seed, string id)
    {
        var hash = id.Aggregate(14695981039346656037, (hash, letter) => (hash ^ letter) * 1099511628211);
        return Finish(Finish(seed) ^ hash) >> 33;
    }

    private static ulong Finish(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static long Reservable(TestNode node, long real) => real + (real * node.Facts.Capacity.OvercommitPercent / 100);

    private static bool HasGeneric(GenericResource resource, TestNode node) =>
        node.Usage.Generic.GetValueOrDefault(resource.Name) + resource.Count <= node.Facts.GenericResources.GetValueOrDefault(resource.Name);

    private static bool Runs(Platform? platform, TestNode node)
    {
        if (platform is not { } asked)
        {
            return true;
        }

        var os = node.Facts.Labels.Find("ostype");
        var architecture = node.Facts.Labels.Find("architecture") switch { "x86_64" => "amd64", "aarch64" => "arm64", "i686" => "386", var other => other };
        return (os is null || asked.Os.Length == 0 || os == asked.Os)
            && (architecture is null || asked.Architecture.Length == 0 || architecture == asked.Architecture
                || (asked.Architecture == "386" && architecture == "amd64"));
    }

    private static bool Holds(Dependency dependency, TestNode node) => dependency.Kind switch
    {
        DependencyKind.Network => node.Facts.Contents.Networks.Contains(dependency.Name),
        DependencyKind.Volume => node.Facts.Contents.Volumes.Contains(dependency.Name),
        _ => node.Usage.Held.Any(held => held.Id == dependency.Name || held.EngineId == dependency.Name || held.Names.Contains(dependency.Name)),
    };

    private static bool Meets(Constraint constraint, TestNode node)
    {
        string[] values = constraint.Key switch
        {
            "node" => [node.Facts.Id.Value, node.Facts.Name],
            "node.id" => [node.Facts.Id.Value],
            "node.name" => [node.Facts.Name],
            _ => [node.Facts.Labels.Find(constraint.Key) ?? ""],
        };
        return values.Any(value => IsLike(value, constraint.Value)) != constraint.IsNegated;
    }

    private static bool IsNear(Affinity affinity, TestNode node) => affinity.Key switch
    {
        "container" => node.Usage.Held.Any(held => new[] { held.Id, held.EngineId, held.Names[0] }.Any(name => name is not null && IsLike(name, affinity.Value))),
        "image" => node.Facts.Contents.Images.Any(image => IsLike(image, affinity.Value)),
        _ => node.Usage.Held.Any(held => IsLike(held.Labels.GetValueOrDefault(affinity.Key, ""), affinity.Value)),
    };

    // Globs with stars and /expressions/ by the ordinary engine of .NET; other signs do not occur in what is generated.
    private static bool IsLike(string value, string pattern) => pattern.Length > 2 && pattern[0] == '/' && pattern[^1] == '/'
        ? Regex.IsMatch(value, pattern[1..^1], RegexOptions.None, TimeSpan.FromSeconds(5))
        : Regex.IsMatch(value, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(5));
}
