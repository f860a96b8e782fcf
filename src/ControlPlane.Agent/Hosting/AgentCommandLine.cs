using System.Globalization;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Hosting;

/// <summary>What the process was asked to do.</summary>
internal sealed record AgentCommandLine
{
    public const string Usage =
        "usage: controlplane-agent --data DIR --engine unix:///path/docker.sock [--server https://host:8443] [--name NAME] [--policy FILE] [--token-file FILE] "
        + "[--health-file FILE] [--run-as UID] [--advertise-address HOST] | controlplane-agent health --health-file FILE";

    public const string TokenVariable = "CONTROLPLANE_JOIN_TOKEN";

    public required string DataDirectory { get; init; }

    public required string EngineSocket { get; init; }

    public Uri? Server { get; init; }

    public string? Name { get; init; }

    public string? PolicyFile { get; init; }

    public JoinToken? Token { get; init; }

    /// <summary>Where a join token is, or will be; the token itself is read when it is needed.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Kept while there is a session; for <c>controlplane-agent health</c>.</summary>
    public string? HealthFile { get; init; }

    /// <summary>Whom to go on as when started as root; null stays root.</summary>
    public uint? RunAs { get; init; }

    /// <summary>Under which published ports are reachable; empty = what the server sees of the agent.</summary>
    public string AdvertiseAddress { get; init; } = "";

    /// <exception cref="AgentRefusedException">Arguments that make no sense.</exception>
    public static AgentCommandLine Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var values = ReadOptions(arguments);
        var engine = values.GetValueOrDefault("--engine") ?? "unix:///var/run/docker.sock";
        if (!engine.StartsWith("unix:///", StringComparison.Ordinal) || engine.Length < 9)
        {
            throw new AgentRefusedException($"--engine must be unix:///path/to/docker.sock, not '{engine}'.", ExitCode.Usage);
        }

        return new AgentCommandLine
        {
            DataDirectory = values.GetValueOrDefault("--data") ?? throw new AgentRefusedException("--data DIR is missing; " + Usage, ExitCode.Usage),
            EngineSocket = engine["unix://".Length..],
            Server = values.GetValueOrDefault("--server") is { } server ? ParseServer(server) : null,
            Name = values.GetValueOrDefault("--name"),
            PolicyFile = values.GetValueOrDefault("--policy"),
            Token = values.ContainsKey("--token-file") ? null : ReadToken(environment),
            TokenFile = values.GetValueOrDefault("--token-file"),
            HealthFile = values.GetValueOrDefault("--health-file"),
            RunAs = values.GetValueOrDefault("--run-as") is { } user ? ParseUser(user) : null,
            AdvertiseAddress = values.GetValueOrDefault("--advertise-address") is { } address ? ParseAddress(address) : "",
        };
    }

    /// <exception cref="AgentRefusedException">The text is no join token; it is a secret and is not repeated.</exception>
    public static JoinToken ParseToken(string text, string source) =>
        JoinToken.TryParse(text, out var token)
            ? token
            : throw new AgentRefusedException($"The join token in {source} is not valid: it must look like cpj_<id>_<secret>_<digest>; copy it whole.", ExitCode.Usage);

    private static Dictionary<string, string> ReadOptions(IReadOnlyList<string> arguments)
    {
        string[] known = ["--data", "--engine", "--server", "--name", "--policy", "--token-file", "--health-file", "--run-as", "--advertise-address"];
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (!known.Contains(arguments[i], StringComparer.Ordinal))
            {
                throw new AgentRefusedException($"Unknown option '{arguments[i]}'; {Usage}", ExitCode.Usage);
            }

            if (i + 1 == arguments.Count)
            {
                throw new AgentRefusedException($"{arguments[i]} needs a value; {Usage}", ExitCode.Usage);
            }

            values[arguments[i]] = arguments[i + 1];
        }

        return values;
    }

    private static Uri ParseServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.AbsolutePath == "/" && uri.Query.Length == 0
            ? uri
            : throw new AgentRefusedException($"--server must be https://host:port, not '{text}'.", ExitCode.Usage);

    private static uint ParseUser(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var user) && user is > 0 and < uint.MaxValue
            ? user
            : throw new AgentRefusedException($"--run-as must be the number of a user other than root, not '{text}'.", ExitCode.Usage);

    private static string ParseAddress(string text) =>
        NodeAddress.IsValid(text)
            ? text
            : throw new AgentRefusedException($"--advertise-address must be {NodeAddress.Shape}, not '{text}'.", ExitCode.Usage);

    private static JoinToken? ReadToken(Func<string, string?> environment)
    {
        var text = environment(TokenVariable);
        return string.IsNullOrWhiteSpace(text) ? null : ParseToken(text, TokenVariable);
    }
}
