using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>A container's spec after a change. Every member of the change is one of HostConfig, under the same name.</summary>
internal static class SpecChange
{
    // A limit is said by several members together.
    private static readonly string[][] Together = [["NanoCpus", "CpuQuota", "CpuPeriod"], ["Memory", "MemoryReservation", "MemorySwap"]];

    public static ContainerSpec Apply(ContainerSpec before, UpdateSpec change)
    {
        var host = JsonSerializer.SerializeToNode(before.HostConfig ?? new HostConfig(), EngineJson.Default.HostConfig)!.AsObject();
        foreach (var (name, value) in Members(change))
        {
            host[name] = value?.DeepClone();
        }

        return before with { HostConfig = host.Deserialize(EngineJson.Default.HostConfig) };
    }

    /// <summary>The same for a spec as it is stored.</summary>
    public static string Apply(string storedSpec, UpdateSpec change)
    {
        var before = JsonSerializer.Deserialize(storedSpec, EngineJson.Default.ContainerSpec)!;
        return System.Text.Encoding.UTF8.GetString(ContainerSpecWriter.Write(Apply(before, change)));
    }

    /// <summary>The docker client sends every member, and 0 or nothing means "as it is"; 0 processes is a limit of its own.</summary>
    public static UpdateSpec WithoutUnchanged(UpdateSpec change)
    {
        var members = Members(change);
        foreach (var name in members.Where(member => member.Key != "PidsLimit" && IsNothing(member.Value)).Select(member => member.Key).ToList())
        {
            members.Remove(name);
        }

        return members.Deserialize(EngineJson.Default.UpdateSpec)!;
    }

    private static bool IsNothing(JsonNode? value) => value switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject policy => policy.All(member => IsNothing(member.Value)),
        JsonValue simple => (simple.TryGetValue<string>(out var text) && text.Length == 0) || (simple.TryGetValue<long>(out var number) && number == 0),
        _ => false,
    };

    /// <summary>Fields of the spec that it sets, with those that mean something else by it.</summary>
    public static IReadOnlyList<string> Touched(UpdateSpec change) =>
        [.. Members(change).SelectMany(member => Together.FirstOrDefault(group => group.Contains(member.Key, StringComparer.Ordinal)) ?? [member.Key]).Select(name => "HostConfig." + name)];

    private static JsonObject Members(UpdateSpec change) => JsonSerializer.SerializeToNode(change, EngineJson.Default.UpdateSpec)!.AsObject();
}
