using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>The allow-list: which requests may go to the engine, and as what. Nothing of the server's text reaches the path unchecked.</summary>
internal static partial class TunnelRoute
{
    /// <param name="request">What the server asks for.</param>
    /// <param name="rules">The host owner's policy.</param>
    /// <param name="path">The engine's path and query.</param>
    /// <param name="refusal">Why not.</param>
    /// <returns>True when it may go.</returns>
    public static bool TryRoute(TunnelRequest request, PolicyRules rules, out string path, out string refusal)
    {
        (path, refusal) = request switch
        {
            InspectContainer { EngineId: var id } when EngineIds.IsFull(id) => ($"containers/{id}/json", ""),
            ContainerLogs when rules.NoLogs => ("", "The policy of this host forbids logs."),
            ContainerLogs { EngineId: var id } logs when EngineIds.IsFull(id) => ($"containers/{id}/logs?{Query(logs)}", ""),
            ContainerStats { EngineId: var id } stats when EngineIds.IsFull(id) =>
                ($"containers/{id}/stats?stream={(stats.Stream ? "1" : "0")}{(stats.Stream ? "" : "&one-shot=0")}", ""),
            ContainerTop { EngineId: var id, Arguments: null or "" } when EngineIds.IsFull(id) => ($"containers/{id}/top", ""),
            ContainerTop { EngineId: var id, Arguments: { } arguments } when EngineIds.IsFull(id) && PsArguments().IsMatch(arguments) =>
                ($"containers/{id}/top?ps_args={Uri.EscapeDataString(arguments)}", ""),
            ContainerTop { EngineId: var id } when EngineIds.IsFull(id) => ("", "The arguments of ps may hold letters, digits, '-', ',', '=' and spaces only."),
            InspectContainer or ContainerLogs or ContainerStats or ContainerTop => ("", "The engine id must be 64 hex digits."),
            _ => ("", "This agent does not let such a request through."),
        };
        return path.Length > 0;
    }

    private static string Query(ContainerLogs logs)
    {
        var query = $"follow={Flag(logs.Follow)}&stdout={Flag(logs.Stdout)}&stderr={Flag(logs.Stderr)}&timestamps={Flag(logs.Timestamps)}"
            + $"&tail={(logs.Tail is { } tail ? tail.ToString(CultureInfo.InvariantCulture) : "all")}";
        return query + Time("since", logs.Since) + Time("until", logs.Until);
    }

    private static string Flag(bool value) => value ? "1" : "0";

    private static string Time(string name, double? seconds) =>
        seconds is { } value && double.IsFinite(value) ? $"&{name}={value.ToString("F9", CultureInfo.InvariantCulture)}" : "";

    [GeneratedRegex("^[A-Za-z0-9,= -]{1,200}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PsArguments();
}
