using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;

namespace ControlPlane.Core.Containers.Admission;

/// <summary>From a request for a container to its plan: collection, right, engine form, admission.</summary>
public sealed class CreateAdmission(
    AccessGate gate, AdmissionGate admissions, Authorizer authorizer, CollectionChoice collections, AdmissionCheck check, ClusterState state, ContainerQueries queries)
{
    /// <summary>A refusal leaves an audit entry.</summary>
    internal Task<Result<ContainerPlan>> PlanAsync(Caller caller, ContainerCreateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return PlanAsync(caller, request.Name, CollectionOf(caller, request), () => ContainerAdmission.Admit(request), AdmissionForm.Rest, cancellationToken);
    }

    /// <inheritdoc cref="PlanAsync(Caller, ContainerCreateRequest, CancellationToken)"/>
    internal Task<Result<ContainerPlan>> PlanAsync(Caller caller, EngineCreate request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var collection = collections.For(caller, Permission.ContainersCreate, null, request.Spec.Labels, AdmissionForm.Engine);
        return PlanAsync(caller, request.Name, collection, request.Admit, AdmissionForm.Engine, cancellationToken);
    }

    /// <summary>The same without an audit entry, for one of many that are asked for together: whoever asks notes the refusal.</summary>
    internal async Task<Result<ContainerPlan>> CheckAsync(Caller caller, ContainerCreateRequest request, CancellationToken cancellationToken)
    {
        var collection = CollectionOf(caller, request);
        if (!collection.IsSuccess)
        {
            return collection.Error;
        }

        if (authorizer.Check(caller, Permission.ContainersCreate, collection.Value) is { } refused)
        {
            return refused;
        }

        var (plan, refusals) = await CheckAsync(caller, ContainerAdmission.Admit(request), collection.Value, cancellationToken);
        return AdmissionErrors.Of(refusals, AdmissionForm.Rest) is { } notAdmitted ? notAdmitted : plan;
    }

    internal Result<string> CollectionOf(Caller caller, ContainerCreateRequest request) =>
        collections.For(caller, Permission.ContainersCreate, request.Collection, request.Labels, AdmissionForm.Rest);

    private async Task<Result<ContainerPlan>> PlanAsync(
        Caller caller, string? name, Result<string> collection, Func<Admitted<AdmittedContainer>> admit, AdmissionForm form, CancellationToken cancellationToken)
    {
        var target = new AuditObject("container", "", name);
        if (!collection.IsSuccess)
        {
            return await gate.RefuseAsync(caller, Permission.ContainersCreate, target, collection.Error, cancellationToken);
        }

        if (await gate.RequireAsync(caller, Permission.ContainersCreate, collection.Value, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var (plan, refusals) = await CheckAsync(caller, admit(), collection.Value, cancellationToken);
        return await admissions.RefuseAsync(caller, Permission.ContainersCreate, target, refusals, form, cancellationToken) is { } notAdmitted ? notAdmitted : plan;
    }

    private async Task<(Result<ContainerPlan> Plan, IReadOnlyList<AdmissionRefusal> Refusals)> CheckAsync(
        Caller caller, Admitted<AdmittedContainer> container, string collection, CancellationToken cancellationToken)
    {
        var plan = ContainerPlan.From(container, collection, caller, state, queries, authorizer);
        if (!plan.IsSuccess)
        {
            return (plan, []);
        }

        var admitted = plan.Value.Admitted;
        var mayPull = admitted is { Pull: PullPolicy.Missing, Image: not null };
        return (plan, await check.CreateAsync(caller, collection, WithAllNetworks(admitted), mayPull, cancellationToken));
    }

    /// <summary>Those that are joined after the create, too: the engine takes one at a time, admission takes them together.</summary>
    private static ContainerSpec WithAllNetworks(AdmittedContainer container)
    {
        if (container.FurtherNetworks.Count == 0)
        {
            return container.Spec;
        }

        var endpoints = new Dictionary<string, EndpointSettings?>(container.Spec.NetworkingConfig?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>(0), StringComparer.Ordinal);
        foreach (var (name, endpoint) in container.FurtherNetworks)
        {
            endpoints[name] = endpoint;
        }

        return container.Spec with { NetworkingConfig = new NetworkingConfig { EndpointsConfig = endpoints } };
    }
}
