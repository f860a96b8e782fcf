using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Lab;

/// <summary>The server process of a lab; also usable alone.</summary>
public sealed partial class LabServer
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LabServerOptions _options;
    private readonly LabPaths _paths;
    private readonly DetachedProcess _process;

    public LabServer(LabServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _paths = new LabPaths(options.Directory);
        _process = new DetachedProcess(_paths.ServerPid, _paths.ServerLog, $"--Server:DataDirectory {_paths.Root} ");
    }

    /// <summary>The server on this machine, whatever its public address is.</summary>
    public string LocalUrl => AddressFor("127.0.0.1");

    /// <summary>The address people and machines use.</summary>
    public string Url => _options.PublicUrl ?? LocalUrl;

    public int Port => _options.Port;

    public string CaPath => _paths.CaCertificate;

    public string LogFile => _paths.ServerLog;

    public string AdminEnv => _paths.AdminEnv;

    public int? Pid => _process.Pid;

    /// <summary>The administrators' API token of admin.env.</summary>
    public string Token => AdminEnvValue("CONTROLPLANE_TOKEN");

    public string AddressFor(string host) => string.Create(CultureInfo.InvariantCulture, $"https://{host}:{Port}");

    /// <summary>Migrates, and makes the first account; its password the first time, null afterwards.</summary>
    public async Task<string?> InitializeAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(["init"], cancellationToken);
        return PasswordIn(result.OutputOrThrow("Preparing the server's data"));
    }

    /// <summary>Gives the admin account a new password and returns it.</summary>
    public async Task<string> ResetPasswordAsync(CancellationToken cancellationToken)
    {
        var output = (await RunAsync(["admin", "reset-password"], cancellationToken)).OutputOrThrow("Resetting the password");
        return PasswordIn(output) ?? throw new LabException($"The server printed no password: {output}");
    }

    /// <summary>What to type on this machine for the same.</summary>
    public string ResetPasswordCommand =>
        $"dotnet {_options.ServerDll} admin reset-password {string.Join(' ', Settings().Select(Quoted))}";

    /// <summary>Starts it, unless it runs, and waits until it is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process.Thaw();
        if (!_process.IsRunning)
        {
            LabChecks.CheckPort(Port, ownServerRuns: false);
            await _process.StartAsync(["dotnet", _options.ServerDll, .. Settings()], environment: null, cancellationToken);
        }

        await WaitUntilReadyAsync(StartLimit, cancellationToken);
    }

    public async Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var gone = false;
        var ready = await Deadline.HoldsWithinAsync(
            limit,
            async cancellation =>
            {
                gone = !_process.IsRunning;
                return gone || await IsReadyAsync(cancellation);
            },
            cancellationToken);
        if (gone || !ready)
        {
            throw new LabException($"The server did not become ready; {LogFile} ends with: {_process.LastLogLine()}");
        }
    }

    /// <summary>SIGTERM, and the end of the process.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        _process.StopAsync(TimeSpan.FromSeconds(30), cancellationToken);

    public Task KillAsync(CancellationToken cancellationToken) => _process.KillAsync(cancellationToken);

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    /// <summary>A client that trusts this server's CA only and carries the administrators' token.</summary>
    public LabApi OpenApi() => new(LocalUrl, CaPath, Token);

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(CaPath))
        {
            return false;
        }

        using var api = new LabApi(LocalUrl, CaPath, token: null);
        return await api.IsReadyAsync(cancellationToken);
    }

    private Task<CommandResult> RunAsync(string[] command, CancellationToken cancellationToken)
    {
        if (!File.Exists(_options.ServerDll))
        {
            throw new LabException($"The server is not built: {_options.ServerDll} is missing.");
        }

        return Command.RunAsync(
            "dotnet", [_options.ServerDll, .. command, .. Settings()], Command.DefaultLimit, environment: null, cancellationToken);
    }

    private List<string> Settings()
    {
        List<string> settings =
        [
            "--Server:DataDirectory", _paths.Root,
            "--Server:Port", Port.ToString(CultureInfo.InvariantCulture),
            "--Server:DockerPort", _options.DockerPort.ToString(CultureInfo.InvariantCulture),
            "--Server:PublicUrl", Url,
            "--Database:Connection", _options.Database,
        ];
        settings.AddRange(_options.Arguments);
        return settings;
    }

    private string AdminEnvValue(string name)
    {
        var line = File.ReadLines(AdminEnv)
            .Select(text => text.StartsWith("export ", StringComparison.Ordinal) ? text[7..] : text)
            .FirstOrDefault(text => text.StartsWith(name + "=", StringComparison.Ordinal));
        return line?[(name.Length + 1)..].Trim().Trim('\'', '"')
            ?? throw new LabException($"{AdminEnv} holds no {name}.");
    }

    private static string Quoted(string argument) =>
        argument.AsSpan().IndexOfAny(" ;$&") >= 0 ? $"'{argument}'" : argument;

    private static string? PasswordIn(string output) =>
        PasswordLine().Match(output) is { Success: true } match ? match.Groups["password"].Value : null;

    [GeneratedRegex(@"^admin password: (?<password>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PasswordLine();
}
