using System.Security.Cryptography;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers;

/// <summary>An admitted request with everything that is decided before the scheduler is asked: id, name, labels, placement request.</summary>
internal sealed record ContainerPlan
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Collection { get; init; }
    public required string Image { get; init; }
    public required ContainerSpec Spec { get; init; }
    public required AdmittedContainer Admitted { get; init; }

    /// <summary>What the database keeps of the request.</summary>
    public required KeptRequest Kept { get; init; }
    public required PlacementRequest Placement { get; init; }

    /// <param name="admitted">The engine form with what is ours beside it.</param>
    /// <param name="collection">Where it is to be.</param>
    /// <param name="caller">Who asks; dependencies on what they may not see do not exist.</param>
    /// <param name="state">The cluster: its settings, and what exists in it.</param>
    /// <param name="queries">Finds containers the caller may see.</param>
    /// <param name="authorizer">Says on which nodes the caller may run containers.</param>
    public static Result<ContainerPlan> From(
        Admitted<AdmittedContainer> admitted, string collection, Caller caller, ClusterState state, ContainerQueries queries, Authorizer authorizer)
    {
        ArgumentNullException.ThrowIfNull(admitted);
        if (!admitted.IsValid)
        {
            return new InvalidError(admitted.Errors);
        }

        var container = admitted.Value;
        var find = DependencyResolution.Finder(caller, state, queries);
        if (DependencyResolution.Missing(container.Dependencies, state.Contents, find) is { } missing)
        {
            return missing;
        }

        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var image = container.Spec.Image!;
        var labels = Labels(container.Spec.Labels, id, collection, caller);
        var kept = KeptRequest.Of(container, container.Strategy ?? state.Current.Scheduling.Strategy) with
        {
            NodeCollections = authorizer.Where(caller, Permission.NodesSchedule),
        };
        return new ContainerPlan
        {
            Id = id,
            Name = container.Name ?? MadeName(container, id),
            Collection = collection,
            Image = image,
            Spec = DependencyResolution.ForEngine(container.Spec, container.Dependencies, find) with { Labels = labels },
            Admitted = container,
            Kept = kept,
            Placement = Request(kept, image, id, labels, state.Contents),
        };
    }

    /// <summary>With the label that says where it was placed.</summary>
    public ContainerPlan On(string node) => this with
    {
        Spec = Spec with { Labels = new Dictionary<string, string>(Spec.Labels!, StringComparer.Ordinal) { ["controlplane.node"] = node } },
    };

    /// <summary>The question for the scheduler, the first time and every later one: what was admitted, in the cluster as it is now.</summary>
    public static PlacementRequest Request(
        KeptRequest kept, string image, string id, IReadOnlyDictionary<string, string> labels, ClusterContents contents) => new()
    {
        MemoryBytes = kept.MemoryBytes,
        NanoCpus = kept.NanoCpus,
        HostPorts = DemandPorts.Of(kept.Demand),
        GenericResources = kept.GenericResources,
        Constraints = [.. kept.Constraints.Select(Constraint.Parse).OfType<ConstraintParse.Valid>().Select(valid => valid.Constraint)],
        Affinities = [.. kept.Affinities.Select(Affinity.Parse).OfType<AffinityParse.Valid>().Select(valid => valid.Affinity)],
        Dependencies = DependencyResolution.Now(kept.Dependencies, contents),
        Platform = kept.Platform ?? contents.PlatformOf(image),
        EngineNeed = kept.EngineNeed,
        Labels = labels,
        AllowedNodes = kept.NodeCollections is { } collections ? contents.NodesIn(collections) : null,
        Image = image,
        Strategy = kept.Strategy,
        // From the id, so that the same request explained again breaks its ties the same way.
        Seed = ulong.Parse(id.AsSpan(0, 16), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static Dictionary<string, string> Labels(IReadOnlyDictionary<string, string>? given, string id, string collection, Caller caller)
    {
        // Hints for adoption after a loss of the database; ownership is decided by the database alone.
        var labels = given is null ? [] : new Dictionary<string, string>(given, StringComparer.Ordinal);
        labels[AgentProtocol.ClusterIdLabel] = id;
        labels["controlplane.collection"] = collection;
        labels["controlplane.owner"] = caller.Name;
        labels["controlplane.generation"] = "1";
        return labels;
    }

    private static string MadeName(AdmittedContainer container, string id)
    {
        var stem = container.Image?.Path.Split('/')[^1] ?? "container";
        return $"{(stem.Length > 40 ? stem[..40] : stem)}-{id[..8]}";
    }
}
