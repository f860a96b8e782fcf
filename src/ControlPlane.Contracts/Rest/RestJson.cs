using System.Text.Json.Serialization;
using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Contracts.Rest;

/// <summary>Metadata of the REST bodies: camelCase names, nothing unknown, nothing twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = false,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ContainerCreateRequest))]
[JsonSerializable(typeof(ContainerUpdateRequest))]
[JsonSerializable(typeof(ContainerRenameRequest))]
[JsonSerializable(typeof(FieldError))]
public sealed partial class RestJson : JsonSerializerContext;
