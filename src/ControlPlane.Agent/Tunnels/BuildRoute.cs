using System.Collections.Frozen;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>
/// The classic builder. Not among its parameters: <c>remote</c> (the engine would fetch from wherever it can reach), <c>session</c> and
/// <c>version=2</c> (BuildKit takes the connection over).
/// </summary>
internal static class BuildRoute
{
    private const string ConfigHeader = "X-Registry-Config";
    private const int MostValues = 256;
    private const int LongestValue = 64 * 1024;

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        "dockerfile", "t", "extrahosts", "q", "nocache", "cachefrom", "pull", "rm", "forcerm", "memory", "memswap", "cpushares", "cpusetcpus", "cpusetmems",
        "cpuperiod", "cpuquota", "buildargs", "shmsize", "squash", "labels", "networkmode", "platform", "target", "outputs", "ulimits", "cgroupparent",
        "securityopt", "isolation", "version");

    // The engine reads all of these, and of the others the first.
    private static readonly FrozenSet<string> Many = FrozenSet.Create(StringComparer.Ordinal, "t", "extrahosts", "securityopt");

    public static Routed Of(BuildImage build, PolicyRules rules)
    {
        if (RouteText.Secret(build.RegistryConfig) is { } secret)
        {
            return Routed.Refuse(secret);
        }

        if (build.Query is not { Count: <= MostValues })
        {
            return Routed.Refuse($"A build has at most {MostValues} parameters.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in build.Query)
        {
            if (Problem(name, value, rules) is { } problem)
            {
                return Routed.Refuse(problem);
            }

            if (!seen.Add(name) && !Many.Contains(name))
            {
                return Routed.Refuse($"The parameter '{name}' of a build is there twice.");
            }
        }

        var query = string.Join('&', build.Query.Select(pair => $"{pair.Key}={RouteText.Escape(pair.Value)}"));
        return Routed.As(new EngineRequest("POST", $"build?{query}")
        {
            IsStreamed = true,
            Header = build.RegistryConfig is null ? null : new(ConfigHeader, build.RegistryConfig),
        });
    }

    private static string? Problem(string? name, string? value, PolicyRules rules) => (name, value) switch
    {
        (null, _) or (_, null) => "A parameter of a build is null.",
        _ when !Known.Contains(name) => "A build has a parameter that is not let through.",
        _ when value.Length > LongestValue || value.Contains('\0', StringComparison.Ordinal) => $"The parameter '{name}' of a build is too long or holds NUL.",
        ("version", not ("" or "1")) => "Only the classic builder (version 1) is let through.",
        ("networkmode", "host") when rules.NoHostNamespaces => "The policy of this host forbids networkmode 'host'.",
        ("networkmode", _) when rules.NoHostNamespaces && value.StartsWith("container:", StringComparison.Ordinal) => $"The policy of this host forbids networkmode '{value}'.",
        _ => null,
    };
}
