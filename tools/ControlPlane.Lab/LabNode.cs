namespace ControlPlane.Lab;

/// <summary>A node: an engine with its agent, and the faults that can befall both.</summary>
public sealed class LabNode
{
    private readonly EngineProcess? _engine;
    private readonly AgentProcess _agent;
    private readonly LabNetwork? _network;
    private string? _serverUrl;

    internal LabNode(string name, string socket, string address, EngineProcess? engine, AgentProcess agent, LabNetwork? network)
    {
        Name = name;
        EngineSocket = socket;
        Address = address;
        _engine = engine;
        _agent = agent;
        _network = network;
    }

    public string Name { get; }

    /// <summary>Path of the engine's unix socket.</summary>
    public string EngineSocket { get; }

    /// <summary>The node's address; ports its containers publish are reachable there.</summary>
    public string Address { get; }

    public int? EnginePid => _engine?.Process.Pid;

    public int? AgentPid => _agent.Process.Pid;

    public string AgentLog => _agent.Process.LogFile;

    public string? EngineLog => _engine?.Process.LogFile;

    internal bool HasIdentity => _agent.HasIdentity;

    internal DetachedProcess AgentHandle => _agent.Process;

    public Task KillEngineAsync(CancellationToken cancellationToken) => Engine.Process.KillAsync(cancellationToken);

    public void FreezeEngine() => Engine.Process.Freeze();

    public void ThawEngine() => Engine.Process.Thaw();

    /// <summary>SIGTERM; containers stop as the engine stops them.</summary>
    public Task StopEngineAsync(CancellationToken cancellationToken) =>
        Engine.Process.StopAsync(TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Starts the engine, also again after a kill, and waits until it answers.</summary>
    public Task StartEngineAsync(CancellationToken cancellationToken) => Engine.StartAsync(Network, cancellationToken);

    public Task KillAgentAsync(CancellationToken cancellationToken) => _agent.Process.KillAsync(cancellationToken);

    public void FreezeAgent() => _agent.Process.Freeze();

    public void ThawAgent() => _agent.Process.Thaw();

    public Task StopAgentAsync(CancellationToken cancellationToken) =>
        _agent.Process.StopAsync(TimeSpan.FromSeconds(10), cancellationToken);

    /// <summary>Starts the agent again with the identity it has.</summary>
    public Task StartAgentAsync(CancellationToken cancellationToken) => StartAgentAsync(
        _serverUrl ?? throw new LabException($"{Name} has had no agent yet."), joinToken: null, cancellationToken);

    /// <summary>Starts an agent that joins; for labs that were started without one.</summary>
    public Task StartAgentAsync(string serverUrl, string? joinToken, CancellationToken cancellationToken)
    {
        _serverUrl = serverUrl;
        return _agent.StartAsync(_network?.NamespacePath(Name), EngineSocket, serverUrl, joinToken, cancellationToken);
    }

    /// <summary>Drops the node's packets; no connection is closed. Replaces an earlier cut.</summary>
    public Task CutNetworkAsync(NetworkCut cut, CancellationToken cancellationToken) =>
        Network.CutAsync(Name, cut, cancellationToken);

    public Task HealNetworkAsync(CancellationToken cancellationToken) => Network.HealAsync(Name, cancellationToken);

    /// <summary>Runs the docker CLI on this engine, past the control plane.</summary>
    public Task<CommandResult> RunDockerAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunDockerAsync(arguments, Command.DefaultLimit, cancellationToken);

    public Task<CommandResult> RunDockerAsync(
        IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        Command.RunAsync("docker", ["-H", $"unix://{EngineSocket}", .. arguments], limit, environment: null, cancellationToken);

    /// <summary>The output of a docker command that must succeed.</summary>
    public async Task<string> DockerAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        (await RunDockerAsync(arguments, cancellationToken)).OutputOrThrow($"docker {string.Join(' ', arguments)} on {Name}");

    public Task LoadImageAsync(string archive, CancellationToken cancellationToken) =>
        DockerAsync(["load", "-q", "-i", archive], cancellationToken);

    internal async Task EnsureImageAsync(string archive, CancellationToken cancellationToken)
    {
        var found = await RunDockerAsync(["image", "inspect", "-f", "{{.Id}}", BusyboxImage.Name], cancellationToken);
        if (!found.Succeeded)
        {
            await LoadImageAsync(archive, cancellationToken);
        }
    }

    internal bool HasPrivateEngine => _engine is not null;

    private EngineProcess Engine => _engine ?? throw new LabException($"The engine of {Name} is the machine's own.");

    private LabNetwork Network => _network ?? throw new LabException($"{Name} is in the machine's own network.");
}
