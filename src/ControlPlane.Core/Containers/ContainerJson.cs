using System.Text.Json.Serialization;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Operations;

namespace ControlPlane.Core.Containers;

/// <summary>JSON of what the database keeps with containers and operations.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlacementView))]
[JsonSerializable(typeof(List<OperationItemView>))]
internal sealed partial class ContainerJson : JsonSerializerContext;
