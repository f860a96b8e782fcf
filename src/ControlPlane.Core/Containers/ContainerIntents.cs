using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
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
    // Rows of older versions have none of these: the serialiser then sets null.
    public IReadOnlyList<string> Affinities { get; init => field = value ?? []; } = [];

    /// <summary>As the spec says; what exists where is asked at every placement.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; init => field = value ?? []; } = [];

    public IReadOnlyList<GenericResource> GenericResources { get; init => field = value ?? []; } = [];

    public Platform? Platform { get; init; }

    /// <summary>What of the spec not every engine knows.</summary>
    public EngineNeed? EngineNeed { get; init; }

    public ReschedulePolicy Reschedule { get; init; }

    public bool RescheduleWithVolumes { get; init; }

    /// <summary>The collections whose nodes its owner might use when it was made; null = all nodes.</summary>
    public IReadOnlyList<string>? NodeCollections { get; init; }

    /// <summary>Who refused the create of the current generation.</summary>
    public IReadOnlyList<NodeRefusal> Refusals { get; init => field = value ?? []; } = [];

    /// <summary>Copies on nodes that it was moved away from; they go when their nodes are heard.</summary>
    public IReadOnlyList<LeftCopy> Left { get; init => field = value ?? []; } = [];

    /// <summary>Where the intent goes back to when no other node takes it; null unless it is being moved.</summary>
    public LeftCopy? Origin { get; init; }

    [JsonIgnore]
    public SpecDemand Demand => new(MemoryBytes, NanoCpus, HostPorts) { GenericResources = GenericResources };

    public static KeptRequest Of(AdmittedContainer container, string strategy) => new(
        container.Constraints, strategy, container.Demand.MemoryBytes, container.Demand.NanoCpus, container.Demand.HostPorts,
        [.. container.FurtherNetworks.Select(network => new NetworkConnection(network.Key, JsonSerializer.Serialize(network.Value, EngineJson.Default.EndpointSettings)))])
    {
        Affinities = container.Affinities,
        Dependencies = container.Dependencies,
        GenericResources = container.Demand.GenericResources,
        Platform = container.Platform,
        EngineNeed = FieldVersions.Newest(container.Spec) is var (field, version) ? new EngineNeed(field, version) : null,
        Reschedule = container.Reschedule,
        RescheduleWithVolumes = container.RescheduleWithVolumes,
    };

    public static KeptRequest Read(string json) => JsonSerializer.Deserialize(json, KeptRequestJson.Default.KeptRequest)!;

    public string Write() => JsonSerializer.Serialize(this, KeptRequestJson.Default.KeptRequest);

    /// <summary>The same question again, in the cluster as it is now.</summary>
    /// <param name="image">The row's image.</param>
    /// <param name="id">Cluster id.</param>
    /// <param name="labels">Labels the container has or will have.</param>
    /// <param name="contents">What exists where.</param>
    public PlacementRequest ToPlacement(string image, string id, IReadOnlyDictionary<string, string> labels, ClusterContents contents) =>
        ContainerPlan.Request(this, image, id, labels, contents);

    /// <inheritdoc cref="ToPlacement(string, string, IReadOnlyDictionary{string, string}, ClusterContents)"/>
    public static PlacementRequest ToPlacement(ContainerEntity row, ClusterContents contents) =>
        Read(row.RequestJson).ToPlacement(row.Image, row.Id, SpecLabels.Read(row.SpecJson), contents);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
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

    public static ContainerIntent ToIntent(ContainerEntity row)
    {
        var kept = KeptRequest.Read(row.RequestJson);
        return new ContainerIntent
        {
            Name = row.Name!,
            Phase = row.Phase,
            Owner = row.Owner,
            Generation = row.Generation,
            Revision = row.Version,
            EngineId = row.EngineId,
            Note = row.Note,
            Labels = SpecLabels.Read(row.SpecJson),
            Reschedule = kept.Reschedule,
            Left = kept.Left,
            Demand = kept.Demand,
        };
    }

    public static ContainerEntity ToRow(ContainerPlan plan, string nodeId, string placementJson, string owner, string operationId, DateTime now) => new()
    {
        Id = plan.Id,
        Name = plan.Name,
        NodeId = nodeId,
        Image = plan.Image,
        SpecJson = System.Text.Encoding.UTF8.GetString(ContainerSpecWriter.Write(plan.Spec)),
        RequestJson = plan.Kept.Write(),
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
