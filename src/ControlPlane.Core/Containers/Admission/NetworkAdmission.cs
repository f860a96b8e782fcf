using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Networks;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>New networks, and containers that join one.</summary>
public sealed class NetworkAdmission(
    CollectionChoice collections, AccessGate gate, AdmissionGate admissions, AdmissionCheck check, ContainerQueries queries, SharedContainers shared)
{
    /// <summary>The collection it is made in.</summary>
    public async Task<Result<string>> CheckAsync(Caller caller, string? collection, NetworkSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return await NewThings.CheckAsync(
            collections, gate, admissions, check, caller, Permission.NetworksCreate, new AuditObject("network", "", spec.Name), collection, spec.Labels,
            HostOptions.Of(spec), form, cancellationToken);
    }

    /// <summary>The container that may join: the right to connect is needed where it is and where the network is.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="network">Name of the network; the host's own is a right of its own.</param>
    /// <param name="collection">Where the network is.</param>
    /// <param name="spec">Which container, and how.</param>
    /// <param name="form">In whose names fields are called.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<Result<ContainerRecord>> ConnectAsync(
        Caller caller, string network, string collection, NetworkConnectSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var target = new AuditObject("network", "", network);
        if (await gate.RequireAsync(caller, Permission.NetworksConnect, collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var found = queries.Find(caller, spec.Container ?? "");
        if (!found.IsSuccess)
        {
            return found;
        }

        var container = found.Value;
        if (await gate.RequireAsync(caller, Permission.NetworksConnect, container.Collection, target, cancellationToken) is { } notThere)
        {
            return notThere;
        }

        var refusals = new List<AdmissionRefusal>();
        var borrowed = await shared.CheckAsync(refusals, caller, ContainerReference.Of("EndpointConfig", spec.EndpointConfig), cancellationToken);
        IEnumerable<HostOption> host = network == "host" ? [new HostOption("Container", Permission.HostNetwork, NamespaceReach.Network)] : [];
        refusals.AddRange(check.Options(caller, container.Collection, [.. HostOptions.Of(spec), .. host, .. borrowed]));
        return await admissions.RefuseAsync(caller, Permission.NetworksConnect, target, refusals, form, cancellationToken) is { } notAdmitted ? notAdmitted : container;
    }
}
