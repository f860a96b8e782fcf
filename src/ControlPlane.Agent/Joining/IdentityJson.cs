using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Joining;

/// <summary>Source-generated JSON of the identity file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NodeIdentity))]
internal sealed partial class IdentityJson : JsonSerializerContext;
