using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Networks;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Networks;

/// <summary>Takes containers on networks and off them. A bare name of a network means the one on the container's node.</summary>
public sealed class NetworkJoins(
    NetworkAdmission admission, NetworkQueries queries, ContainerLookup containers, AccessGate gate, ObjectNodes nodes, ClusterState state, NodeLinks links, AuditTrail audit, IOptions<DeadlineOptions> deadlines)
{
    public async Task<Result<Done>> ConnectAsync(Caller caller, string network, NetworkConnectSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = Find(caller, network, spec.Container, form);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var (chosen, container) = found.Value;
        var admitted = await admission.ConnectAsync(caller, chosen.Report.Name, chosen.Collection, spec with { Container = container.Id }, form, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        return await RunAsync(
            caller, Permission.NetworksConnect, chosen, container,
            engineId => new ConnectNetwork
            {
                Id = $"connect-{Guid.NewGuid():N}",
                DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
                EngineId = engineId,
                NetworkId = chosen.Report.Id,
                EndpointJson = spec.EndpointConfig is { } endpoint ? JsonSerializer.Serialize(endpoint, EngineJson.Default.EndpointSettings) : null,
            });
    }

    public async Task<Result<Done>> DisconnectAsync(Caller caller, string network, NetworkDisconnectSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = Find(caller, network, spec.Container, form);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var (chosen, container) = found.Value;
        foreach (var collection in (string[])[chosen.Collection, container.Collection])
        {
            if (await gate.RequireAsync(caller, Permission.NetworksDisconnect, collection, Target(chosen), cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        return await RunAsync(
            caller, Permission.NetworksDisconnect, chosen, container,
            engineId => new DisconnectNetwork
            {
                Id = $"disconnect-{Guid.NewGuid():N}",
                DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
                EngineId = engineId,
                NetworkId = chosen.Report.Id,
                Force = spec.Force ?? false,
            });
    }

    private static AuditObject Target(FoundNetwork network) => new(OwnedKind.Network, network.Report.Id, network.FullName);

    private Result<(FoundNetwork Network, ContainerRecord Container)> Find(Caller caller, string network, string? container, AdmissionForm form)
    {
        if (string.IsNullOrEmpty(container))
        {
            return new InvalidError(form == AdmissionForm.Engine ? "Container" : "container", "is required");
        }

        var candidates = queries.Find(caller, network);
        if (!candidates.IsSuccess)
        {
            return candidates.Error;
        }

        var joining = containers.Find(caller, container);
        if (!joining.IsSuccess)
        {
            return joining.Error;
        }

        FoundNetwork[] there = [.. candidates.Value.Where(one => !one.IsLocal || one.Node.Id == joining.Value.NodeId)];
        return there.Length switch
        {
            1 => (there[0], joining.Value),
            0 => new ConflictError(
                "network.other_node",
                $"{joining.Value.Name} is on {state.Current.Node(joining.Value.NodeId)?.Name ?? joining.Value.NodeId}, the network {candidates.Value[0].FullName} is not: networks of scope local end at their node."),
            _ => NetworkQueries.Ambiguous(network, there),
        };
    }

    private async Task<Result<Done>> RunAsync(
        Caller caller, string action, FoundNetwork network, ContainerRecord container, Func<string, ContainerCommand> command)
    {
        if (container.EngineId is not { } engineId)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.");
        }

        var node = state.Current.Node(container.NodeId);
        Error? error = node is null ? null : nodes.Problem(node);
        error ??= CommandErrors.Of(await links.RunAsync(container.NodeId, command(engineId), null, CancellationToken.None), node?.Name ?? container.NodeId);
        await audit.RecordAsync(
            caller, action, Target(network), error is null ? AuditTrail.Ok : AuditTrail.Failed, error?.Message ?? $"container {container.Name}",
            AuditDetails.Asked(new { Container = container.Id, container.Name }), CancellationToken.None);
        return error is null ? Done.Value : error;
    }
}
