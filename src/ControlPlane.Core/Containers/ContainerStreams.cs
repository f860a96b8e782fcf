using System.Text.RegularExpressions;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>Which part of a log.</summary>
public sealed record LogRequest(bool Follow, bool Stdout, bool Stderr, int? Tail, double? Since, double? Until, bool Timestamps);

/// <summary>Reads and streams from a container's node: logs, stats, inspect, top.</summary>
public sealed partial class ContainerStreams(ContainerQueries queries, ITunnels tunnels, ClusterState state)
{
    /// <summary>The engine's own bytes: raw for a TTY (content type <c>application/vnd.docker.raw-stream</c>), else frames of 8 bytes head + payload.</summary>
    public Task<Result<TunnelReply>> LogsAsync(Caller caller, string idOrName, LogRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OpenAsync(
            caller,
            idOrName,
            Permission.ContainersLogs,
            engineId => new ContainerLogs(engineId, request.Follow, request.Stdout, request.Stderr, request.Tail, request.Since, request.Until, request.Timestamps),
            cancellationToken);
    }

    /// <summary>The engine's inspect document.</summary>
    public Task<Result<TunnelReply>> InspectAsync(Caller caller, string idOrName, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersInspect, engineId => new InspectContainer(engineId), cancellationToken);

    /// <summary>The engine's stats documents: one, or one a second until closed.</summary>
    public Task<Result<TunnelReply>> StatsAsync(Caller caller, string idOrName, bool stream, CancellationToken cancellationToken) =>
        OpenAsync(caller, idOrName, Permission.ContainersStats, engineId => new ContainerStats(engineId, stream), cancellationToken);

    /// <summary>The engine's process list.</summary>
    public Task<Result<TunnelReply>> TopAsync(Caller caller, string idOrName, string? arguments, CancellationToken cancellationToken) =>
        arguments is not null && !PsArguments().IsMatch(arguments)
            ? Task.FromResult<Result<TunnelReply>>(new InvalidError("ps_args", "may contain letters, digits, blanks and - , = only, at most 100 characters"))
            : OpenAsync(caller, idOrName, Permission.ContainersTop, engineId => new ContainerTop(engineId, arguments), cancellationToken);

    private async Task<Result<TunnelReply>> OpenAsync(
        Caller caller, string idOrName, string permission, Func<string, TunnelRequest> request, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName, permission);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var container = found.Value;
        if (container.EngineId is not { } engineId)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.");
        }

        if (state.Current.Node(container.NodeId) is { State: NodeState.EngineDown } down)
        {
            return new UnavailableError("engine.unreachable", $"{down.Name}: {down.StateReason}");
        }

        var opened = await tunnels.OpenAsync(container.NodeId, request(engineId), cancellationToken);
        if (!opened.IsSuccess)
        {
            return opened;
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
            return await ErrorOfAsync(reply, state.Current.Node(container.NodeId)?.Name ?? container.NodeId, cancellationToken);
        }
    }

    private static async Task<Error> ErrorOfAsync(TunnelReply reply, string node, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var length = await reply.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var text = EngineMessage.Read(buffer.AsSpan(0, length));
        return reply.Head.Status switch
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
