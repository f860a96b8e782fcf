using System.Collections.Concurrent;
using System.Text.Json;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Commands in running containers. Who may start one is who made it, and only while they may exec in the container; whose they are is kept in
/// memory, as engines keep theirs.
/// </summary>
public sealed class ContainerExecs(
    ExecAdmission admission, ContainerQueries queries, AccessGate gate, ITunnels tunnels, ClusterState state, AuditTrail audit, TimeProvider clock)
{
    /// <summary>Engines forget them with their container; beyond this the oldest are forgotten here.</summary>
    private const int Remembered = 20_000;

    private readonly ConcurrentDictionary<string, Exec> _execs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>The engine's id of the new exec.</summary>
    public async Task<Result<string>> CreateAsync(Caller caller, string idOrName, ExecSpec spec, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Cmd is not { Count: > 0 })
        {
            return new InvalidError("Cmd", "No exec command specified");
        }

        var admitted = await admission.CheckAsync(caller, idOrName, spec, form, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        var container = admitted.Value;
        if (container.EngineId is not { } engineId)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.");
        }

        if (ContainerReach.Problem(container, state.Current, clock.GetUtcNow().UtcDateTime) is { } away)
        {
            return away;
        }

        var body = JsonSerializer.Serialize(spec with { Container = null }, EngineJson.Default.ExecSpec);
        var made = await ReadAsync(container, new CreateExec(engineId, body), cancellationToken);
        var id = made.IsSuccess ? EngineMessage.Text(made.Value, "Id") : null;
        var error = made.Error ?? (id is null ? new UnavailableError("engine.unreachable", "The engine did not say which exec it made.") : null);

        // Nothing runs yet: the entry is written while the client opens the connection for the start, and the start waits for it.
        var audited = Task.Run(
            () => audit.RecordAsync(
                caller, Permission.ContainersExec, new AuditObject("container", container.Id, container.Name), error is null ? AuditTrail.Ok : AuditTrail.Failed, error?.Message,
                AuditDetails.Asked(spec), CancellationToken.None),
            CancellationToken.None);
        if (error is not null)
        {
            await audited;
            return error;
        }

        Remember(id!, new Exec(container.Id, container.NodeId, caller.Id, audited));
        return id!;
    }

    /// <summary>Starts it; attached, bytes flow both ways and the caller asks for the head.</summary>
    public async Task<Result<ITunnelExchange>> StartAsync(Caller caller, StartExec request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var found = await FindAsync(caller, request.ExecId, Permission.ContainersExec, own: true, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (_execs.TryGetValue(request.ExecId, out var exec))
        {
            await exec.Audited.WaitAsync(cancellationToken);
        }

        return await tunnels.BeginAsync(found.Value.NodeId, request, cancellationToken);
    }

    /// <summary>The engine's document of it.</summary>
    public async Task<Result<byte[]>> InspectAsync(Caller caller, string execId, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, execId, Permission.ContainersInspect, own: false, cancellationToken);
        return found.IsSuccess ? await ReadAsync(found.Value, new InspectExec(execId), cancellationToken) : found.Error;
    }

    public async Task<Result<Done>> ResizeAsync(Caller caller, string execId, int height, int width, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, execId, Permission.ContainersExec, own: true, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        return (await ReadAsync(found.Value, new ResizeExec(execId, height, width), cancellationToken)).Map(_ => Done.Value);
    }

    private void Remember(string id, Exec exec)
    {
        _execs[id] = exec;
        _order.Enqueue(id);
        while (_order.Count > Remembered && _order.TryDequeue(out var oldest))
        {
            _execs.TryRemove(oldest, out _);
        }
    }

    private async ValueTask<Result<ContainerRecord>> FindAsync(Caller caller, string execId, string permission, bool own, CancellationToken cancellationToken)
    {
        if (!_execs.TryGetValue(execId, out var exec) || (own && exec.UserId != caller.Id)
            || queries.Find(caller, exec.ContainerId) is not { IsSuccess: true } found || found.Value.NodeId != exec.NodeId)
        {
            return new NotFoundError("exec.not_found", $"No such exec instance: {execId}");
        }

        var container = found.Value;
        if (await gate.RequireAsync(caller, permission, container.Collection, new AuditObject("container", container.Id, container.Name), cancellationToken) is { } refused)
        {
            return refused;
        }

        return ContainerReach.Problem(container, state.Current, clock.GetUtcNow().UtcDateTime) is { } away ? away : container;
    }

    private async Task<Result<byte[]>> ReadAsync(ContainerRecord container, TunnelRequest request, CancellationToken cancellationToken)
    {
        var opened = await tunnels.OpenAsync(container.NodeId, request, cancellationToken);
        if (!opened.IsSuccess)
        {
            return opened.Error;
        }

        await using var reply = opened.Value;
        if (reply.Head.Status is < 200 or >= 300)
        {
            return await ContainerStreams.ErrorOfAsync(reply.Head, reply.Body, state.Current.Node(container.NodeId)?.Name ?? container.NodeId, cancellationToken);
        }

        using var body = new MemoryStream();
        await reply.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    private sealed record Exec(string ContainerId, string NodeId, string UserId, Task Audited);
}
