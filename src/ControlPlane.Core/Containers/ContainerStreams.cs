using System.Text.RegularExpressions;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>Which part of a log.</summary>
public sealed record LogRequest(bool Follow, bool Stdout, bool Stderr, int? Tail, double? Since, double? Until, bool Timestamps)
{
    /// <summary>With the extra attributes of the log driver.</summary>
    public bool Details { get; init; }
}

/// <summary>What of a container's streams somebody attaches to.</summary>
/// <param name="Logs">What was written before.</param>
/// <param name="Stream">What is written from now on.</param>
/// <param name="Stdin">Give input.</param>
/// <param name="Stdout">With standard output.</param>
/// <param name="Stderr">With standard error.</param>
/// <param name="DetachKeys">Null = the engine's.</param>
public sealed record AttachRequest(bool Logs, bool Stream, bool Stdin, bool Stdout, bool Stderr, string? DetachKeys);

/// <summary>
/// Reads and streams of a container through its node. What takes something out of a container, or puts something in, is in the audit.
/// </summary>
public sealed partial class ContainerStreams(
    ContainerQueries queries, ITunnels tunnels, ClusterState state, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    /// <summary>The engine's own bytes: raw for a TTY (content type <c>application/vnd.docker.raw-stream</c>), else frames of 8 bytes head + payload.</summary>
    public Task<Result<TunnelReply>> LogsAsync(Caller caller, string idOrName, LogRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OpenAsync(
            caller,
            idOrName,
            Permission.ContainersLogs,
            engineId => new ContainerLogs(engineId, request.Follow, request.Stdout, request.Stderr, request.Tail, request.Since, request.Until, request.Timestamps) { Details = request.Details },
            cancellationToken);
    }

    /// <summary>The engine's inspect document.</summary>
    public Task<Result<TunnelReply>> InspectAsync(Caller caller, string idOrName, CancellationToken cancellationToken, bool size = false) =>
        OpenAsync(caller, idOrName, Permission.ContainersInspect, engineId => new InspectContainer(engineId) { Size = size }, cancellationToken);

    /// <summary>The engine's stats documents: one, or one a second until closed.</summary>
    public Task<Result<TunnelReply>> StatsAsync(Caller caller, string idOrName, bool stream, CancellationToken cancellationToken, bool oneShot = false) =>
        OpenAsync(caller, idOrName, Permission.ContainersStats, engineId => new ContainerStats(engineId, stream) { OneShot = oneShot }, cancellationToken);

    /// <summary>The engine's list of what differs from the image.</summary>
    public Task<Result<TunnelReply>> ChangesAsync(Caller caller, string idOrName, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersChanges, engineId => new ContainerDiff(engineId), cancellationToken);

    /// <summary>Its root file system as a tar stream.</summary>
    public Task<Result<TunnelReply>> ExportAsync(Caller caller, string idOrName, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersExport, engineId => new ExportContainer(engineId), cancellationToken, "all");

    /// <summary>What a path is; the answer is in the head.</summary>
    public Task<Result<TunnelReply>> StatPathAsync(Caller caller, string idOrName, string path, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersCopyFrom, engineId => new StatArchive(engineId, path), cancellationToken);

    /// <summary>A file or directory as a tar stream.</summary>
    public Task<Result<TunnelReply>> CopyFromAsync(Caller caller, string idOrName, string path, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersCopyFrom, engineId => new GetArchive(engineId, path), cancellationToken, path);

    /// <summary>Waits until it has stopped; the head comes at once, the body with the exit code when it has happened.</summary>
    public Task<Result<TunnelReply>> WaitAsync(Caller caller, string idOrName, string condition, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersWait, engineId => new WaitContainer(engineId, condition), cancellationToken);

    /// <summary>Gives the container's terminal another size; whoever may attach may.</summary>
    public Task<Result<TunnelReply>> ResizeAsync(Caller caller, string idOrName, int height, int width, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersAttach, engineId => new ResizeContainer(engineId, height, width), cancellationToken);

    /// <summary>Bytes both ways; the caller asks for the head, which is 101 when it is attached.</summary>
    public Task<Result<ITunnelExchange>> AttachAsync(Caller caller, string idOrName, AttachRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return BeginAsync(
            caller, idOrName, Permission.ContainersAttach,
            engineId => new AttachContainer(engineId, request.Logs, request.Stream, request.Stdin, request.Stdout, request.Stderr, request.DetachKeys),
            request.Stdin ? "with input" : null, cancellationToken);
    }

    /// <summary>Unpacks a tar stream, which the caller writes, into a directory.</summary>
    public Task<Result<ITunnelExchange>> CopyToAsync(
        Caller caller, string idOrName, string path, bool noOverwriteDirNonDir, bool copyOwner, CancellationToken cancellationToken) =>
        BeginAsync(caller, idOrName, Permission.ContainersCopyTo, engineId => new PutArchive(engineId, path, noOverwriteDirNonDir, copyOwner), path, cancellationToken);

    /// <summary>The engine's process list.</summary>
    public Task<Result<TunnelReply>> TopAsync(Caller caller, string idOrName, string? arguments, CancellationToken cancellationToken) =>
        arguments is not null && !PsArguments().IsMatch(arguments)
            ? Task.FromResult<Result<TunnelReply>>(new InvalidError("ps_args", "may contain letters, digits, blanks and - , = only, at most 100 characters"))
            : OpenAsync(caller, idOrName, Permission.ContainersTop, engineId => new ContainerTop(engineId, arguments), cancellationToken);

    private async Task<Result<TunnelReply>> OpenAsync(
        Caller caller, string idOrName, string permission, Func<string, TunnelRequest> request, CancellationToken cancellationToken, string? audited = null)
    {
        var found = await ReachAsync(caller, idOrName, permission, audited, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var container = found.Value;
        var opened = await tunnels.OpenAsync(container.NodeId, request(container.EngineId!), cancellationToken);
        if (!opened.IsSuccess)
        {
            return Named(opened.Error, container);
        }

        var reply = opened.Value;
        if (reply.Head.Status is >= 200 and < 300)
        {
            // Engines before API 1.42 do not say whether a log is framed; whether there is a terminal does.
            return permission == Permission.ContainersLogs
                ? reply with { Head = reply.Head with { ContentType = container.Observed?.Tty == true ? LogTextStream.RawType : LogTextStream.FramedType } }
                : reply;
        }

        await using (reply)
        {
            return await ErrorOfAsync(reply.Head, reply.Body, state.Current.Node(container.NodeId)?.Name ?? container.NodeId, cancellationToken);
        }
    }

    private async Task<Result<ITunnelExchange>> BeginAsync(
        Caller caller, string idOrName, string permission, Func<string, TunnelRequest> request, string? audited, CancellationToken cancellationToken)
    {
        var found = await ReachAsync(caller, idOrName, permission, audited, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var begun = await tunnels.BeginAsync(found.Value.NodeId, request(found.Value.EngineId!), cancellationToken);
        return begun.IsSuccess ? begun : Named(begun.Error, found.Value);
    }

    /// <summary>The container, when the caller may do this with it and its node can be asked. What is audited is noted before it happens.</summary>
    private async ValueTask<Result<ContainerRecord>> ReachAsync(
        Caller caller, string idOrName, string permission, string? audited, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found;
        }

        var container = found.Value;
        var target = new AuditObject("container", container.Id, container.Name);
        if (await gate.RequireAsync(caller, permission, container.Collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (container.EngineId is null)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.");
        }

        if (ContainerReach.Problem(container, state.Current, clock.GetUtcNow().UtcDateTime) is { } away)
        {
            return away;
        }

        if (audited is not null)
        {
            await audit.RecordAsync(caller, permission, target, AuditTrail.Ok, audited, cancellationToken);
        }

        return container;
    }

    /// <summary>Tunnels do not know what their nodes are called.</summary>
    private Error Named(Error error, ContainerRecord container) => error is UnavailableError unavailable
        ? unavailable with { Message = $"{state.Current.Node(container.NodeId)?.Name ?? container.NodeId}: {unavailable.Message}" }
        : error;

    /// <summary>What an engine's refusal is to the caller.</summary>
    public static async Task<Error> ErrorOfAsync(TunnelResponse head, Stream body, string node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(body);
        var buffer = new byte[4096];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var text = EngineMessage.Read(buffer.AsSpan(0, length));
        return head.Status switch
        {
            404 => new NotFoundError("container.not_found", $"{node}: {text}"),
            403 => new EngineError("policy.refused", $"{node}: {text}", 403),
            502 or 503 or 504 => new UnavailableError("engine.unreachable", $"{node}: {text}"),
            var status => new EngineError("engine.refused", $"{node}: {text}", status),
        };
    }

    [GeneratedRegex("^[A-Za-z0-9 ,=-]{1,100}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex PsArguments();
}
