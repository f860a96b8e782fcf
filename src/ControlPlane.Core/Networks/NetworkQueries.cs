using ControlPlane.Contracts.Agents;
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

namespace ControlPlane.Core.Networks;

/// <summary>Networks from the snapshot: never a call to a node, except to inspect one.</summary>
public sealed class NetworkQueries(ClusterState state, Authorizer authorizer, ObjectOwnership ownership, NodeQueries nodes, ITunnels tunnels)
{
    private static readonly InvalidError BadCursor = new("cursor", "This is not a cursor of this list. Begin again without one.");

    /// <summary>Networks of one id in one row, for REST.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="nodeIdOrName">Only of this node; null = of all.</param>
    /// <param name="list">Paging and free text.</param>
    public Result<Page<NetworkView>> List(Caller caller, string? nodeIdOrName, ListRequest list)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (authorizer.CheckAnywhere(caller, Permission.NetworksRead) is { } refusal)
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

        var rows = Visible(caller, of, _ => true)
            .Where(network => list.Text is not { } text
                || network.Report.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || network.Report.Id.Contains(text, StringComparison.OrdinalIgnoreCase))
            .GroupBy(network => network.Report.Id, StringComparer.Ordinal)
            .ToList();
        return Keyset.Take(rows, row => ListKey.Of(row.First().Report.Name), row => row.Key, list) is { } taken
            ? new Page<NetworkView>(taken.Page.ConvertAll(row => View([.. row])), taken.NextCursor, rows.Count)
            : BadCursor;
    }

    /// <summary>Each network once, by name and node.</summary>
    public Result<IReadOnlyList<FoundNetwork>> All(Caller caller, NetworkFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.CheckAnywhere(caller, Permission.NetworksRead) is { } refusal)
        {
            return refusal;
        }

        var cluster = state.Current;
        var found = Once(Visible(caller, cluster.Nodes.Values.Where(node => filter.Nodes.Count == 0 || filter.Nodes.Contains(node.Name, StringComparer.Ordinal)), _ => true))
            .Where(network => Passes(network, filter));
        if (filter.Dangling is { } dangling)
        {
            var used = Used(cluster);
            found = found.Where(network => !network.IsBuiltIn && IsUsed(used, network) != dangling);
        }

        return found.OrderBy(network => network.Report.Name, StringComparer.Ordinal).ThenBy(network => network.Node.Name, StringComparer.Ordinal).ToArray();
    }

    /// <summary>By full id, <c>node/name</c>, name, or beginning of an id, in this order; at least one.</summary>
    public Result<IReadOnlyList<FoundNetwork>> Find(Caller caller, string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (authorizer.CheckAnywhere(caller, Permission.NetworksRead) is { } refusal)
        {
            return refusal;
        }

        var (nodeName, name) = ObjectNodes.Split(reference);
        var of = state.Current.Nodes.Values.Where(node => nodeName is null || string.Equals(node.Name, nodeName, StringComparison.Ordinal)).ToList();
        FoundNetwork[] found = [];
        foreach (var match in (ReadOnlySpan<Func<NetworkReport, bool>>)
            [
                network => string.Equals(network.Id, name, StringComparison.Ordinal),
                network => string.Equals(network.Name, name, StringComparison.Ordinal),
                network => name.Length > 0 && network.Id.StartsWith(name, StringComparison.Ordinal),
            ])
        {
            found = [.. Once(Visible(caller, of, match)).OrderBy(network => network.Node.Name, StringComparer.Ordinal)];
            if (found.Length > 0)
            {
                break;
            }
        }

        return found.Length > 0 ? found : NotFound(reference);
    }

    /// <summary>The one network that is meant; several are ambiguous.</summary>
    public Result<FoundNetwork> Get(Caller caller, string reference)
    {
        var found = Find(caller, reference);
        return !found.IsSuccess ? found.Error : found.Value is [var one] ? one : Ambiguous(reference, found.Value);
    }

    public Result<NetworkView> View(Caller caller, string reference) => Get(caller, reference).Map(network => View([network]));

    /// <summary>The engine's document of a network that the caller has found.</summary>
    public async Task<Result<byte[]>> InspectAsync(FoundNetwork network, bool verbose, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(network);
        return await ObjectInspection.ReadAsync(tunnels, network.Node, new InspectNetwork(network.Report.Id, verbose), NotFound(network.FullName), cancellationToken);
    }

    /// <summary>Is there a network of this name that the caller sees, or one that was made through us?</summary>
    internal bool IsTaken(Caller caller, string name)
    {
        var sight = new CollectionSight(authorizer, caller, Permission.NetworksRead);
        return state.Current.Nodes.Values.Any(node => node.Networks.Any(network =>
            string.Equals(network.Name, name, StringComparison.Ordinal) && (ownership.Of(node, network) is not null || sight.Of(node.Collection))));
    }

    internal static ConflictError Ambiguous(string reference, IReadOnlyList<FoundNetwork> found) => new(
        "network.ambiguous",
        $"network {reference} is ambiguous: it is on {string.Join(", ", found.Take(20).Select(network => network.Node.Name))}. Name one of them, as {found[0].FullName}.");

    /// <summary>Node and id, or name, of every network that a container is in.</summary>
    internal static HashSet<(string NodeId, string Network)> Used(ClusterSnapshot cluster)
    {
        var used = new HashSet<(string, string)>();
        foreach (var container in cluster.AllContainers)
        {
            foreach (var (name, endpoint) in container.Observed?.Endpoints ?? System.Collections.Frozen.FrozenDictionary<string, EndpointReport>.Empty)
            {
                used.Add((container.NodeId, name));
                used.Add(("", endpoint.NetworkId));
            }
        }

        return used;
    }

    internal static bool IsUsed(HashSet<(string NodeId, string Network)> used, FoundNetwork network) =>
        used.Contains((network.Node.Id, network.Report.Name)) || used.Contains(("", network.Report.Id));

    private static NotFoundError NotFound(string reference) => new("network.not_found", $"network {reference} not found");

    private static NetworkView View(IReadOnlyList<FoundNetwork> networks)
    {
        var (report, first) = (networks[0].Report, networks[0]);
        return new NetworkView(
            report.Id, report.Name, report.Driver, report.Scope, report.Internal, report.Subnets, report.Labels, report.CreatedAt,
            [.. networks.OrderBy(network => network.Node.Name, StringComparer.OrdinalIgnoreCase).Select(network => new NodeReference(network.Node.Id, network.Node.Name))])
        {
            Collection = first.Collection,
            Owner = first.Owner,
        };
    }

    private static IEnumerable<FoundNetwork> Once(IEnumerable<FoundNetwork> networks) =>
        networks.OrderBy(network => network.Node.Name, StringComparer.Ordinal).DistinctBy(network => (network.IsLocal ? network.Node.Id : "", network.Report.Id));

    private IEnumerable<FoundNetwork> Visible(Caller caller, IEnumerable<NodeRecord> of, Func<NetworkReport, bool> which)
    {
        var sight = new CollectionSight(authorizer, caller, Permission.NetworksRead);
        foreach (var node in of)
        {
            foreach (var network in node.Networks.Where(which))
            {
                var owned = ownership.Of(node, network);
                var collection = owned?.Collection ?? node.Collection;
                if (sight.Of(collection))
                {
                    yield return new FoundNetwork(node, network, collection, owned?.Owner);
                }
            }
        }
    }

    private static bool Passes(FoundNetwork network, NetworkFilter filter) =>
        (filter.Ids.Count == 0 || filter.Ids.Any(id => network.Report.Id.StartsWith(id, StringComparison.Ordinal)))
        && (filter.Names.Count == 0 || filter.Names.Any(name => network.FullName.Contains(name, StringComparison.Ordinal)))
        && (filter.Drivers.Count == 0 || filter.Drivers.Contains(network.Report.Driver, StringComparer.Ordinal))
        && (filter.Scopes.Count == 0 || filter.Scopes.Contains(network.Report.Scope, StringComparer.Ordinal))
        && (filter.BuiltIn is not { } builtIn || network.IsBuiltIn == builtIn)
        && (filter.Until is not { } until || network.Report.CreatedAt < until)
        && filter.Labels.Pass(network.Report.Labels);
}
