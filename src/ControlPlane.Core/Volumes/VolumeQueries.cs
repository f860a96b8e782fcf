using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Volumes;

/// <summary>Volumes from the snapshot: never a call to a node, except to inspect one.</summary>
public sealed class VolumeQueries(ClusterState state, Authorizer authorizer, ObjectOwnership ownership, NodeQueries nodes, ITunnels tunnels)
{
    private static readonly InvalidError BadCursor = new("cursor", "This is not a cursor of this list. Begin again without one.");

    /// <summary>Volumes of one name in one row, for REST.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="nodeIdOrName">Only of this node; null = of all.</param>
    /// <param name="list">Paging and free text.</param>
    public Result<Page<VolumeView>> List(Caller caller, string? nodeIdOrName, ListRequest list)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (authorizer.CheckAnywhere(caller, Permission.VolumesRead) is { } refusal)
        {
            return refusal;
        }

        IEnumerable<NodeRecord> of = state.Current.Nodes.Values;
        if (nodeIdOrName is not null)
        {
            var node = nodes.Find(caller, nodeIdOrName);
            if (!node.IsSuccess)
            {
                return node.Error;
            }

            of = [node.Value];
        }

        var rows = Visible(caller, of)
            .Where(volume => list.Text is not { } text || volume.Report.Name.Contains(text, StringComparison.OrdinalIgnoreCase))
            .GroupBy(volume => volume.Report.Name, StringComparer.Ordinal)
            .ToList();
        return Keyset.Take(rows, row => ListKey.Of(row.Key), row => row.Key, list) is { } taken
            ? new Page<VolumeView>(taken.Page.ConvertAll(row => View([.. row])), taken.NextCursor, rows.Count)
            : BadCursor;
    }

    /// <summary>Each volume of each node, by name and node.</summary>
    public Result<IReadOnlyList<FoundVolume>> All(Caller caller, VolumeFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.CheckAnywhere(caller, Permission.VolumesRead) is { } refusal)
        {
            return refusal;
        }

        var cluster = state.Current;
        var found = Visible(caller, cluster.Nodes.Values).Where(volume => Passes(volume, filter));
        if (filter.Dangling is { } dangling)
        {
            var used = Used(cluster);
            found = found.Where(volume => used.Contains((volume.Node.Id, volume.Report.Name)) != dangling);
        }

        return found.OrderBy(volume => volume.Report.Name, StringComparer.Ordinal).ThenBy(volume => volume.Node.Name, StringComparer.Ordinal).ToArray();
    }

    /// <summary>By <c>name</c>, which may be on several nodes, or <c>node/name</c>; at least one.</summary>
    public Result<IReadOnlyList<FoundVolume>> Find(Caller caller, string name)
    {
        if (authorizer.CheckAnywhere(caller, Permission.VolumesRead) is { } refusal)
        {
            return refusal;
        }

        var (node, bare) = ObjectNodes.Split(name);
        var found = Visible(caller, state.Current.Nodes.Values.Where(one => node is null || string.Equals(one.Name, node, StringComparison.Ordinal)), bare)
            .OrderBy(volume => volume.Node.Name, StringComparer.Ordinal)
            .ToArray();
        return found.Length > 0 ? found : NotFound(name);
    }

    /// <summary>
    /// The one volume of this name. Those that one create made on several nodes are one volume to clients (docker-compose asks by the bare name); others of the same
    /// name are ambiguous.
    /// </summary>
    public Result<FoundVolume> Get(Caller caller, string name)
    {
        var found = Find(caller, name);
        return !found.IsSuccess ? found.Error
            : found.Value is [var one] ? one
            : AreOne(found.Value) ? found.Value.FirstOrDefault(volume => volume.Node.State == NodeState.Ready) ?? found.Value[0]
            : new ConflictError(
                "volume.ambiguous",
                $"The volume {name} is on several nodes: {string.Join(", ", found.Value.Take(20).Select(volume => volume.Node.Name))}. Name one of them, as {found.Value[0].FullName}.");
    }

    /// <summary>All of one name in one view.</summary>
    public Result<VolumeView> View(Caller caller, string name) => Find(caller, name).Map(View);

    /// <summary>The engine's document of a volume that the caller has found.</summary>
    public async Task<Result<byte[]>> InspectAsync(FoundVolume volume, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return await ObjectInspection.ReadAsync(tunnels, volume.Node, new InspectVolume(volume.Report.Name), NotFound(volume.FullName), cancellationToken);
    }

    /// <summary>Node and name of every volume that a container has.</summary>
    internal static HashSet<(string NodeId, string Name)> Used(ClusterSnapshot cluster) =>
    [
        .. cluster.AllContainers.Where(container => container.Observed is not null)
            .SelectMany(container => container.Observed!.MountPoints.Where(mount => mount.Type == "volume").Select(mount => (container.NodeId, mount.Name))),
    ];

    private static bool AreOne(IReadOnlyList<FoundVolume> volumes) => volumes.All(volume =>
        volume.Owner is not null && volume.Owner == volumes[0].Owner && volume.Collection == volumes[0].Collection && volume.Report.Driver == volumes[0].Report.Driver
        && Given(volume).SequenceEqual(Given(volumes[0])));

    /// <summary>Labels that the client gave, in order.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Given(FoundVolume volume) => volume.Report.Labels
        .Where(label => !label.Key.StartsWith("controlplane.", StringComparison.Ordinal)).OrderBy(label => label.Key, StringComparer.Ordinal);

    private static NotFoundError NotFound(string name) => new("volume.not_found", $"no such volume: {name}");

    private static VolumeView View(IReadOnlyList<FoundVolume> volumes)
    {
        var first = volumes[0];
        return new VolumeView(
            first.Report.Name, first.Report.Driver, first.Report.Labels, first.Report.CreatedAt,
            [.. volumes.OrderBy(volume => volume.Node.Name, StringComparer.OrdinalIgnoreCase).Select(volume => new NodeReference(volume.Node.Id, volume.Node.Name))])
        {
            Collections = [.. volumes.Select(volume => volume.Collection).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Owner = volumes.Select(volume => volume.Owner).Distinct(StringComparer.Ordinal).ToArray() is [var owner] ? owner : null,
        };
    }

    private IEnumerable<FoundVolume> Visible(Caller caller, IEnumerable<NodeRecord> of, string? named = null)
    {
        var sight = new CollectionSight(authorizer, caller, Permission.VolumesRead);
        foreach (var node in of)
        {
            foreach (var volume in node.Volumes)
            {
                if (named is not null && !string.Equals(volume.Name, named, StringComparison.Ordinal))
                {
                    continue;
                }

                var owned = ownership.Of(node, volume);
                var collection = owned?.Collection ?? node.Collection;
                if (sight.Of(collection))
                {
                    yield return new FoundVolume(node, volume, collection, owned?.Owner);
                }
            }
        }
    }

    private static bool Passes(FoundVolume volume, VolumeFilter filter) =>
        (filter.Names.Count == 0 || filter.Names.Any(name => volume.FullName.Contains(name, StringComparison.Ordinal)))
        && (filter.Drivers.Count == 0 || filter.Drivers.Contains(volume.Report.Driver, StringComparer.Ordinal))
        && (filter.Nodes.Count == 0 || filter.Nodes.Contains(volume.Node.Name, StringComparer.Ordinal))
        && filter.Labels.Pass(volume.Report.Labels);
}
