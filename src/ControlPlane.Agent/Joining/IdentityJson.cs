using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Joining;

/// <summary>Source-generated JSON of the identity file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeIdentity))]
internal sealed partial class IdentityJson : JsonSerializerContext;
