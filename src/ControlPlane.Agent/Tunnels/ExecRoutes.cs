using System.Text;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Engine.Json;
using static ControlPlane.Agent.Tunnels.RouteText;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Requests about execs.</summary>
internal static class ExecRoutes
{
    private const string Forbidden = "The policy of this host forbids exec.";

    private static readonly Version ConsoleSizeSince = new(1, 42);

    /// <summary>Null when it is no such request.</summary>
    public static Routed? Of(TunnelRequest request, PolicyRules rules, Version api) => request switch
    {
        CreateExec or StartExec when rules.NoExec => Routed.Refuse(Forbidden),
        CreateExec create => Routed.As(new EngineRequest("POST", $"containers/{create.EngineId}/exec") { Json = create.SpecJson })
            .Unless(Id(create.EngineId) ?? Spec(create.SpecJson, rules)),
        StartExec start => Routed.As(new EngineRequest("POST", $"exec/{start.ExecId}/start") { Json = Body(start, api), TakesOver = !start.Detach })
            .Unless(Id(start.ExecId) ?? Size(start.Height, start.Width)),
        InspectExec inspect => Routed.Get($"exec/{inspect.ExecId}/json").Unless(Id(inspect.ExecId)),
        ResizeExec resize => Routed.Post($"exec/{resize.ExecId}/resize?h={Number(resize.Height)}&w={Number(resize.Width)}")
            .Unless(Id(resize.ExecId) ?? Size(resize.Height, resize.Width)),
        _ => null,
    };

    private static string? Spec(string? json, PolicyRules rules)
    {
        // Keys the engine would fold onto others are unknown to the strict reader.
        var spec = json is null ? null : StrictJson.Read(Encoding.UTF8.GetBytes(json), EngineJson.Default.ExecSpec);
        return spec switch
        {
            null => "The exec has no body.",
            { IsValid: false } => $"The exec's body is refused: {spec.Errors[0].Path} {spec.Errors[0].Message}.",
            { Value.Privileged: true } when rules.NoPrivileged => "The policy of this host forbids privileged execs.",
            _ => null,
        };
    }

    private static string Body(StartExec start, Version api)
    {
        var size = start is { Tty: true, Height: > 0, Width: > 0 } && api >= ConsoleSizeSince ? $",\"ConsoleSize\":[{Number(start.Height)},{Number(start.Width)}]" : "";
        return $"{{\"Detach\":{Word(start.Detach)},\"Tty\":{Word(start.Tty)}{size}}}";
    }

    private static string Word(bool value) => value ? "true" : "false";
}
