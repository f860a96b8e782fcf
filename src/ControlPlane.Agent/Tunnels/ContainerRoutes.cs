using System.Globalization;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Tunnels;
using static ControlPlane.Agent.Tunnels.RouteText;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Requests about a container.</summary>
internal static class ContainerRoutes
{
    private static readonly Version OneShotSince = new(1, 41);

    /// <summary>Null when it is no such request.</summary>
    public static Routed? Of(TunnelRequest request, PolicyRules rules, Version api) => request switch
    {
        InspectContainer inspect => Routed.Get($"containers/{inspect.EngineId}/json{(inspect.Size ? "?size=1" : "")}").Unless(Id(inspect.EngineId)),
        ContainerLogs logs => Routed.Get($"containers/{logs.EngineId}/logs?{Query(logs)}").Unless(
            rules.NoLogs ? "The policy of this host forbids logs."
            : Id(logs.EngineId) ?? Time(logs.Since) ?? Time(logs.Until) ?? (logs.Tail is < 0 ? "The number of lines must not be negative." : null)),
        ContainerStats stats => Routed.Get($"containers/{stats.EngineId}/stats?stream={Flag(stats.Stream)}{OneShot(stats, api)}").Unless(Id(stats.EngineId)),
        ContainerTop top => Routed.Get($"containers/{top.EngineId}/top{(top.Arguments is { Length: > 0 } arguments ? $"?ps_args={Escape(arguments)}" : "")}")
            .Unless(Id(top.EngineId) ?? Arguments(top.Arguments)),
        ContainerDiff diff => Routed.Get($"containers/{diff.EngineId}/changes").Unless(Id(diff.EngineId)),
        ExportContainer export => Routed.Get($"containers/{export.EngineId}/export").Unless(Id(export.EngineId)),
        WaitContainer wait => Routed.Post($"containers/{wait.EngineId}/wait?condition={wait.Condition}").Unless(
            Id(wait.EngineId) ?? (wait.Condition is "not-running" or "next-exit" or "removed" ? null : "The condition must be not-running, next-exit or removed.")),
        ResizeContainer resize => Routed.Post($"containers/{resize.EngineId}/resize?h={Number(resize.Height)}&w={Number(resize.Width)}")
            .Unless(Id(resize.EngineId) ?? Size(resize.Height, resize.Width)),
        AttachContainer attach => Attach(attach, rules),
        StatArchive or GetArchive or PutArchive => Archive(request),
        _ => null,
    };

    private static Routed Attach(AttachContainer attach, PolicyRules rules) =>
        rules.NoLogs && attach.Logs ? Routed.Refuse("The policy of this host forbids logs.")
        : (Id(attach.EngineId) ?? DetachKeys(attach.DetachKeys)) is { } problem ? Routed.Refuse(problem)
        : Routed.As(new EngineRequest(
            "POST",
            $"containers/{attach.EngineId}/attach?logs={Flag(attach.Logs)}&stream={Flag(attach.Stream)}&stdin={Flag(attach.Stdin)}&stdout={Flag(attach.Stdout)}"
            + $"&stderr={Flag(attach.Stderr)}{(attach.DetachKeys is { Length: > 0 } keys ? $"&detachKeys={Escape(keys)}" : "")}") { TakesOver = true });

    private static Routed Archive(TunnelRequest request)
    {
        var (method, id, path) = request switch
        {
            StatArchive stat => ("HEAD", stat.EngineId, stat.Path),
            GetArchive get => ("GET", get.EngineId, get.Path),
            PutArchive put => ("PUT", put.EngineId, put.Path),
            _ => ("", "", ""),
        };
        if ((Id(id) ?? RouteText.Path(path)) is { } problem)
        {
            return Routed.Refuse(problem);
        }

        var made = new EngineRequest(method, $"containers/{id}/archive?path={Escape(path)}");
        return Routed.As(request is PutArchive { NoOverwriteDirNonDir: var keep, CopyOwner: var owner }
            ? made with { Path = $"{made.Path}&noOverwriteDirNonDir={Flag(keep)}&copyUIDGID={Flag(owner)}", IsStreamed = true }
            : made);
    }

    private static string OneShot(ContainerStats stats, Version api) => !stats.Stream && api >= OneShotSince ? $"&one-shot={Flag(stats.OneShot)}" : "";

    private static string Query(ContainerLogs logs) =>
        $"follow={Flag(logs.Follow)}&stdout={Flag(logs.Stdout)}&stderr={Flag(logs.Stderr)}&timestamps={Flag(logs.Timestamps)}"
        + $"&tail={(logs.Tail is { } tail ? Number(tail) : "all")}{Moment("since", logs.Since)}{Moment("until", logs.Until)}{(logs.Details ? "&details=1" : "")}";

    private static string Moment(string name, double? seconds) => seconds is { } value ? $"&{name}={value.ToString("F9", CultureInfo.InvariantCulture)}" : "";
}
