using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Containers;

/// <summary>What the scheduler was asked, as it is kept with the intent.</summary>
internal sealed record KeptRequest(
    IReadOnlyList<string> Constraints,
    string Strategy,
    long MemoryBytes,
    long NanoCpus,
    IReadOnlyList<Admission.HostPort> HostPorts,
    IReadOnlyList<NetworkConnection> FurtherNetworks)
{
    public IReadOnlyList<string> Affinities { get; init; } = [];

    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    public IReadOnlyList<GenericResource> GenericResources { get; init; } = [];

    public Platform? Platform { get; init; }

    public ReschedulePolicy Reschedule { get; init; }

    public bool RescheduleWithVolumes { get; init; }

    public SpecDemand Demand => new(MemoryBytes, NanoCpus, HostPorts);

    public static KeptRequest Of(ContainerPlan plan) => new(
        plan.Admitted.Constraints, plan.Placement.Strategy, plan.Admitted.Demand.MemoryBytes, plan.Admitted.Demand.NanoCpus, plan.Admitted.Demand.HostPorts,
        [.. plan.Admitted.FurtherNetworks.Select(network => new NetworkConnection(network.Key, JsonSerializer.Serialize(network.Value, EngineJson.Default.EndpointSettings)))]);

    public static KeptRequest Read(string json) => JsonSerializer.Deserialize(json, KeptRequestJson.Default.KeptRequest)!;

    public string Write() => JsonSerializer.Serialize(this, KeptRequestJson.Default.KeptRequest);

    public PlacementRequest ToPlacement(string image, string id) => ContainerPlan.Request(
        Demand,
        [.. Constraints.Select(Constraint.Parse).OfType<ConstraintParse.Valid>().Select(valid => valid.Constraint)],
        image,
        Strategy,
        id);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptRequest))]
internal sealed partial class KeptRequestJson : JsonSerializerContext;

/// <summary>Between an intent's row and its record.</summary>
internal static class ContainerIntents
{
    public static ContainerRecord ToRecord(ContainerEntity row) => new()
    {
        Id = row.Id,
        NodeId = row.NodeId,
        Name = row.Name!,
        Image = row.Image,
        Collection = row.Collection,
        CreatedAt = row.CreatedAt,
        Intent = ToIntent(row),
        Pulse = new ContainerPulse(),
    };

    public static ContainerIntent ToIntent(ContainerEntity row) => new()
    {
        Name = row.Name!,
        Phase = row.Phase,
        Owner = row.Owner,
        Generation = row.Generation,
        Revision = row.Version,
        EngineId = row.EngineId,
        Note = row.Note,
        Demand = KeptRequest.Read(row.RequestJson).Demand,
    };

    public static ContainerEntity ToRow(ContainerPlan plan, string nodeId, string placementJson, string owner, string operationId, DateTime now) => new()
    {
        Id = plan.Id,
        Name = plan.Name,
        NodeId = nodeId,
        Image = plan.Image,
        SpecJson = System.Text.Encoding.UTF8.GetString(ContainerSpecWriter.Write(plan.Spec)),
        RequestJson = KeptRequest.Of(plan).Write(),
        PlacementJson = placementJson,
        Phase = ContainerPhase.Creating,
        Start = plan.Admitted.Start,
        Pull = plan.Admitted is { Pull: PullPolicy.Missing, Image: not null },
        Collection = plan.Collection,
        Owner = owner,
        CreatedAt = now,
        Generation = 1,
        OperationId = operationId,
    };
}
