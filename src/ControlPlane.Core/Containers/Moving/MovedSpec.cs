using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.Core.Containers.Moving;

/// <summary>The engine's body as it goes to another node.</summary>
internal static class MovedSpec
{
    public static string On(string specJson, string node, int generation)
    {
        var spec = JsonNode.Parse(specJson)!;
        var labels = spec["Labels"] ??= new JsonObject();
        labels["controlplane.node"] = node;
        labels["controlplane.generation"] = generation.ToString(CultureInfo.InvariantCulture);
        return spec.ToJsonString();
    }
}
