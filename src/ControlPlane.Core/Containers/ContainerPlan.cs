using System.Security.Cryptography;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
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
    public required PlacementRequest Placement { get; init; }

    public static Result<ContainerPlan> From(ContainerCreateRequest request, Caller caller)
    {
        var admitted = ContainerAdmission.Admit(request);
        if (!admitted.IsValid)
        {
            return new InvalidError(admitted.Errors);
        }

        var container = admitted.Value;
        var constraints = new List<Constraint>(container.Constraints.Count);
        for (var i = 0; i < container.Constraints.Count; i++)
        {
            switch (Constraint.Parse(container.Constraints[i]))
            {
                case ConstraintParse.Valid valid:
                    constraints.Add(valid.Constraint);
                    break;
                case ConstraintParse.Invalid invalid:
                    return new InvalidError($"constraints[{i}]", invalid.Text);
            }
        }

        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var collection = container.Collection ?? Collections.Shared;
        return new ContainerPlan
        {
            Id = id,
            Name = container.Name ?? MadeName(container, id),
            Collection = collection,
            Image = request.Image!,
            Spec = container.Spec with { Labels = Labels(container.Spec.Labels, id, collection, caller) },
            Admitted = container,
            Placement = Request(container.Demand, constraints, request.Image!, container.Strategy ?? StrategyNames.Spread, id),
        };
    }

    /// <summary>With the label that says where it was placed.</summary>
    public ContainerPlan On(string node) => this with
    {
        Spec = Spec with { Labels = new Dictionary<string, string>(Spec.Labels!, StringComparer.Ordinal) { ["controlplane.node"] = node } },
    };

    /// <summary>The same question again, from what the database keeps.</summary>
    public static PlacementRequest Request(SpecDemand demand, IReadOnlyList<Constraint> constraints, string image, string strategy, string id) => new()
    {
        MemoryBytes = demand.MemoryBytes,
        NanoCpus = demand.NanoCpus,
        HostPorts = DemandPorts.Of(demand),
        Constraints = constraints,
        Image = image,
        Strategy = strategy,
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
