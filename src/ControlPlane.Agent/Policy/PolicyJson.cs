using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Policy;

/// <summary>Source-generated, strict JSON of the policy file: a misspelt rule must not be a rule that is not there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(PolicyRules))]
internal sealed partial class PolicyJson : JsonSerializerContext;
