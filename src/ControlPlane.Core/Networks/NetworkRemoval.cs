using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Networks;

/// <summary>Removes networks, one or all that nobody uses.</summary>
public sealed class NetworkRemoval(
    NetworkQueries queries, AccessGate gate, Authorizer authorizer, ObjectNodes nodes, ObjectOwnership ownership, ClusterState state, NodeLinks links, AuditTrail audit, IOptions<DeadlineOptions> deadlines)
{
    public async Task<Result<Done>> RemoveAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        var found = queries.Get(caller, reference);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var network = found.Value;
        if (await gate.RequireAsync(caller, Permission.NetworksRemove, network.Collection, Target(network), cancellationToken) is { } refused)
        {
            return refused;
        }

        if (network.IsBuiltIn)
        {
            return new ForbiddenError("network.built_in", $"{network.Report.Name} is a pre-defined network and cannot be removed");
        }

        return await RemoveAsync(caller, network, Permission.NetworksRemove) is { } error ? error : Done.Value;
    }

    /// <summary>Removes what no container is in; answers with the full names.</summary>
    public async Task<Result<IReadOnlyList<string>>> PruneAsync(Caller caller, NetworkFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (await gate.RequireAnywhereAsync(caller, Permission.NetworksPrune, new AuditObject(OwnedKind.Network, ""), cancellationToken) is { } refused)
        {
            return refused;
        }

        var found = queries.All(caller, filter with { Dangling = true, BuiltIn = false });
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        // What is in another's collection stays, and what its node cannot be asked about; the next prune takes it.
        var sight = new CollectionSight(authorizer, caller, Permission.NetworksPrune);
        var removed = new List<string>();
        foreach (var network in found.Value.Where(network => sight.Of(network.Collection)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (nodes.Problem(network.Node) is null && await RemoveAsync(caller, network, Permission.NetworksPrune) is null)
            {
                removed.Add(network.FullName);
            }
        }

        return removed;
    }

    private static AuditObject Target(FoundNetwork network) => new(OwnedKind.Network, network.Report.Id, network.FullName);

    private async Task<Error?> RemoveAsync(Caller caller, FoundNetwork network, string action)
    {
        if (nodes.Problem(network.Node) is { } away)
        {
            return away;
        }

        var command = new RemoveNetwork { Id = $"network-{Guid.NewGuid():N}", DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds, NetworkId = network.Report.Id };
        var result = await links.RunAsync(network.Node.Id, command, null, CancellationToken.None);
        var error = CommandErrors.Of(result, network.Node.Name);
        if (error is null)
        {
            await ownership.RemoveAsync([(network.Place, network.Key)], db => audit.Add(db, caller, action, Target(network)));
            Hide(network);
        }
        else
        {
            await audit.RecordAsync(caller, action, Target(network), AuditTrail.Failed, error.Message, CancellationToken.None);
        }

        return error;
    }

    /// <summary>The node's list came before its result, unless the engine was slow: then it is the next list that says it.</summary>
    private void Hide(FoundNetwork network) => state.Write(writer =>
    {
        if (writer.Node(network.Node.Id) is { } node && node.Networks.Contains(network.Report))
        {
            writer.Put(ContentFacts.With(node, null, node.Networks.Remove(network.Report), null), "content");
        }
    });
}
