using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Hosting;

/// <summary>What the process was asked to do.</summary>
internal sealed record AgentCommandLine
{
    public const string Usage =
        "usage: controlplane-agent --data DIR --engine unix:///path/docker.sock [--server https://host:8443] [--name NAME] [--policy FILE] [--token-file FILE]";

    public const string TokenVariable = "CONTROLPLANE_JOIN_TOKEN";

    public required string DataDirectory { get; init; }

    public required string EngineSocket { get; init; }

    public Uri? Server { get; init; }

    public string? Name { get; init; }

    public string? PolicyFile { get; init; }

    public JoinToken? Token { get; init; }

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
            Token = ReadToken(values.GetValueOrDefault("--token-file"), environment),
        };
    }

    private static Dictionary<string, string> ReadOptions(IReadOnlyList<string> arguments)
    {
        string[] known = ["--data", "--engine", "--server", "--name", "--policy", "--token-file"];
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

    private static JoinToken? ReadToken(string? file, Func<string, string?> environment)
    {
        string? text;
        string source;
        if (file is null)
        {
            source = TokenVariable;
            text = environment(TokenVariable);
        }
        else
        {
            source = file;
            try
            {
                text = File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new AgentRefusedException($"The token file '{file}' cannot be read: {e.Message}", ExitCode.Usage);
            }
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        // The text itself is a secret and is not repeated.
        return JoinToken.TryParse(text, out var token)
            ? token
            : throw new AgentRefusedException($"The join token in {source} is not valid: it must look like cpj_<id>_<secret>_<digest>; copy it whole.", ExitCode.Usage);
    }
}
