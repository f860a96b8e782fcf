using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes;

/// <summary>Which nodes: values of one field are alternatives, fields are ANDed.</summary>
public sealed record NodeFilter
{
    public ListRequest List { get; init; } = new();
    public IReadOnlyList<string> States { get; init; } = [];
    public IReadOnlyList<string> Availabilities { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    public static readonly IReadOnlyList<string> SortKeys = ["name", "state", "joined", "availability"];
}

/// <summary>Nodes and what they hold, from the snapshot: never a call to a node.</summary>
public sealed class NodeQueries(ClusterState state, Authorizer authorizer, NodeLinks links, ObjectOwnership ownership)
{
    private static readonly InvalidError BadCursor = new("cursor", "This is not a cursor of this list. Begin again without one.");

    public Result<Page<NodeView>> List(Caller caller, NodeFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.CheckAnywhere(caller, Permission.NodesRead) is { } refusal)
        {
            return refusal;
        }

        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.NodesRead);
        var matching = cluster.Nodes.Values.Where(node => sight.Of(node.Collection) && Passes(node, filter)).ToList();
        Func<NodeRecord, ListKey> key = filter.List.SortKey switch
        {
            "state" => node => ListKey.Of(NodeViews.Text(node.State)),
            "joined" => node => ListKey.Of(node.JoinedAt),
            "availability" => node => ListKey.Of(NodeViews.Text(node.Availability)),
            _ => node => ListKey.Of(node.Name),
        };
        return Keyset.Take(matching, key, node => node.Id, filter.List) is { } taken
            ? new Page<NodeView>(taken.Page.ConvertAll(node => NodeViews.From(Seen(caller, node), cluster, links)), taken.NextCursor, matching.Count)
            : BadCursor;
    }

    /// <summary>By id or name.</summary>
    public Result<NodeView> Get(Caller caller, string idOrName) =>
        Find(caller, idOrName).Map(node => NodeViews.From(Seen(caller, node), state.Current, links));

    /// <param name="caller">Who asks.</param>
    /// <param name="nodeIdOrName">Only of this node; null = of all.</param>
    /// <param name="list">Paging and free text.</param>
    public Result<Page<ImageView>> Images(Caller caller, string? nodeIdOrName, ListRequest list) => Contents(
        caller,
        Permission.ImagesRead,
        nodeIdOrName,
        list,
        node => node.Images,
        image => image.Id,
        image => string.Join(' ', image.Tags),
        (image, nodes) => new ImageView(image.Id, image.Tags, image.Digests, image.SizeBytes, image.CreatedAt, nodes));

    internal Result<NodeRecord> Find(Caller caller, string idOrName)
    {
        if (authorizer.CheckAnywhere(caller, Permission.NodesRead) is { } refusal)
        {
            return refusal;
        }

        return new VisibleNodes(authorizer, caller, state.Current).Find(idOrName) is { } node ? node : NotFound;
    }

    /// <summary>The node with those networks and volumes only that the caller may know of.</summary>
    internal NodeRecord Seen(Caller caller, NodeRecord node)
    {
        var networks = new CollectionSight(authorizer, caller, Permission.NetworksRead);
        var volumes = new CollectionSight(authorizer, caller, Permission.VolumesRead);
        return node with
        {
            Networks = node.Networks.RemoveAll(network => !networks.Of(ownership.CollectionOf(node, network))),
            Volumes = node.Volumes.RemoveAll(volume => !volumes.Of(ownership.CollectionOf(node, volume))),
        };
    }

    internal static NotFoundError NotFound { get; } = new("node.not_found", "There is no such node.");

    private Result<Page<TView>> Contents<T, TView>(
        Caller caller,
        string permission,
        string? nodeIdOrName,
        ListRequest list,
        Func<NodeRecord, IReadOnlyList<T>> of,
        Func<T, string> id,
        Func<T, string> name,
        Func<T, IReadOnlyList<NodeReference>, TView> view)
    {
        if (authorizer.CheckAnywhere(caller, permission) is { } refusal)
        {
            return refusal;
        }

        var sight = new CollectionSight(authorizer, caller, permission);
        var nodes = state.Current.Nodes.Values.Where(node => sight.Of(node.Collection));
        if (nodeIdOrName is not null)
        {
            var found = Find(caller, nodeIdOrName);
            if (!found.IsSuccess)
            {
                return found.Error;
            }

            nodes = sight.Of(found.Value.Collection) ? [found.Value] : [];
        }

        var rows = new Dictionary<string, (T Thing, List<NodeReference> Nodes)>(StringComparer.Ordinal);
        foreach (var node in nodes.OrderBy(node => node.Name, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var thing in of(node))
            {
                if (list.Text is { } text && !name(thing).Contains(text, StringComparison.OrdinalIgnoreCase)
                    && !id(thing).Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var key = id(thing);
                if (!rows.TryGetValue(key, out var row))
                {
                    rows[key] = row = (thing, []);
                }

                row.Nodes.Add(new NodeReference(node.Id, node.Name));
            }
        }

        return Keyset.Take(rows.Values, row => ListKey.Of(name(row.Thing)), row => id(row.Thing), list) is { } taken
            ? new Page<TView>(taken.Page.ConvertAll(row => view(row.Thing, row.Nodes)), taken.NextCursor, rows.Count)
            : BadCursor;
    }

    private static bool Passes(NodeRecord node, NodeFilter filter) =>
        (filter.States.Count == 0 || filter.States.Contains(NodeViews.Text(node.State), StringComparer.OrdinalIgnoreCase))
        && (filter.Availabilities.Count == 0 || filter.Availabilities.Contains(NodeViews.Text(node.Availability), StringComparer.OrdinalIgnoreCase))
        && (filter.Labels.Count == 0 || filter.Labels.Any(label => HasLabel(node, label)))
        && (filter.List.Text is not { } text
            || node.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
            || node.Id.StartsWith(text, StringComparison.Ordinal)
            || node.Address.Contains(text, StringComparison.OrdinalIgnoreCase)
            || node.Description?.HostName.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    private static bool HasLabel(NodeRecord node, string label)
    {
        var equals = label.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? node.Labels.ContainsKey(label)
            : node.Labels.TryGetValue(label[..equals], out var value) && string.Equals(value, label[(equals + 1)..], StringComparison.Ordinal);
    }
}
