using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Finds a container by whatever people type: full id (the engine's or the cluster's), name, <c>node/name</c>, or the beginning of an id. What
/// the caller may not see is not there, also as one of several.
/// </summary>
public sealed class ContainerLookup(ClusterState state, Authorizer authorizer)
{
    private const int IdLength = 64;

    public Result<ContainerRecord> Find(Caller caller, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        if (text.Length == IdLength && cluster.Container(text) is { } exact)
        {
            return sight.Of(exact.Collection) ? exact : NotFound(text);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return OnNode(cluster, sight, text[..slash], text[(slash + 1)..]) is { } there ? there : NotFound(text);
        }

        var byName = new List<ContainerRecord>();
        var byId = new List<ContainerRecord>();
        foreach (var container in cluster.AllContainers)
        {
            if (string.Equals(container.Name, text, StringComparison.Ordinal))
            {
                Add(byName, container, sight);
            }
            else if (container.EngineId?.StartsWith(text, StringComparison.Ordinal) == true || container.Id.StartsWith(text, StringComparison.Ordinal))
            {
                Add(byId, container, sight);
            }
        }

        return (byName, byId) switch
        {
            ([var one], _) => one,
            ({ Count: > 1 }, _) => Ambiguous(cluster, $"The name {text}", byName),
            (_, [var one]) => one,
            (_, { Count: > 1 }) => Ambiguous(cluster, $"The id {text}", byId),
            _ => NotFound(text),
        };
    }

    private static NotFoundError NotFound(string text) => new("container.not_found", $"No such container: {text}");

    private static ContainerRecord? OnNode(ClusterSnapshot cluster, CollectionSight sight, string node, string name) =>
        cluster.NodeByName(node) is { } there
            ? cluster.AllContainers.FirstOrDefault(container => container.NodeId == there.Id && string.Equals(container.Name, name, StringComparison.Ordinal) && sight.Of(container.Collection))
            : null;

    private static void Add(List<ContainerRecord> found, ContainerRecord container, CollectionSight sight)
    {
        if (sight.Of(container.Collection))
        {
            found.Add(container);
        }
    }

    private static ConflictError Ambiguous(ClusterSnapshot cluster, string what, List<ContainerRecord> found) => new(
        "container.ambiguous",
        $"{what} is ambiguous: it is {string.Join(", ", found.Select(container => $"{cluster.Node(container.NodeId)?.Name}/{container.Name}").Order(StringComparer.Ordinal).Take(10))}{(found.Count > 10 ? $" and {found.Count - 10} more" : "")}. Say which one.");
}
