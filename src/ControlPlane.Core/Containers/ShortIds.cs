using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>Names that would shadow what people type for another container's id: a name wins over the beginning of an id.</summary>
internal static class ShortIds
{
    /// <summary>Shorter ones ("db", "cafe") are words; nobody takes them for an id, and in a large cluster every one begins some id.</summary>
    private const int Shortest = 6;

    public static ConflictError? Problem(string name, ClusterSnapshot cluster) =>
        name.Length >= Shortest && name.All(char.IsAsciiHexDigit)
            && cluster.AllContainers.Any(container => Begins(container.Id, name) || Begins(container.EngineId, name))
            ? new ConflictError("container.name_like_id", $"The name {name} looks like the beginning of another container's id. Choose another one.")
            : null;

    private static bool Begins(string? id, string name) => id?.StartsWith(name, StringComparison.OrdinalIgnoreCase) == true;
}
