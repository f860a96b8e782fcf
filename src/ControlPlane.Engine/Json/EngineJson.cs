using System.Text.Json.Serialization;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Networks;
using ControlPlane.Engine.Volumes;

namespace ControlPlane.Engine.Json;

/// <summary>
/// Metadata of every engine body we speak: names exactly as the engine's, nothing unknown, nothing twice, and what is not set
/// is not written.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNameCaseInsensitive = false,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    MaxDepth = StrictJson.MaxDepth,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ContainerSpec))]
[JsonSerializable(typeof(UpdateSpec))]
[JsonSerializable(typeof(ExecSpec))]
[JsonSerializable(typeof(ExecStartSpec))]
[JsonSerializable(typeof(VolumeSpec))]
[JsonSerializable(typeof(NetworkSpec))]
[JsonSerializable(typeof(NetworkConnectSpec))]
[JsonSerializable(typeof(EndpointSettings))]
[JsonSerializable(typeof(NetworkDisconnectSpec))]
[JsonSerializable(typeof(RegistryLogin))]
public sealed partial class EngineJson : JsonSerializerContext;
