namespace ControlPlane.Lab;

/// <summary>A whole cluster on one machine: server, engines, agents. Resumes what its directory holds.</summary>
public sealed class LabCluster : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly LabOptions _options;
    private readonly LabPaths _paths;
    private readonly LabNetwork? _network;

    private LabCluster(LabOptions options, LabPaths paths, LabNetwork? network)
    {
        _options = options;
        _paths = paths;
        _network = network;
        Server = new LabServer(new LabServerOptions
        {
            Directory = paths.Root,
            Port = options.Port,
            DockerPort = options.DockerPort,
            Database = options.Database,
            PublicUrl = options.PublicUrl,
            ServerDll = options.ServerDll,
            Arguments = options.ServerArguments,
        });
        Nodes = network is null
            ? [LabNodes.OfMachine(options, paths)]
            : [.. Enumerable.Range(1, options.Nodes).Select(index => LabNodes.Private(options, paths, network, index))];
    }

    public string Directory => _paths.Root;

    public LabPaths Paths => _paths;

    public LabServer Server { get; }

    public IReadOnlyList<LabNode> Nodes { get; }

    /// <summary>The first start's password of the admin account; null afterwards.</summary>
    public string? AdminPassword { get; private set; }

    public LabNode this[string name] => Nodes.FirstOrDefault(node => node.Name == name)
        ?? throw new LabException($"There is no node {name} in this lab.");

    /// <summary>Starts what is not running and waits until every node is Ready. Takes everything down again when that fails.</summary>
    public static Task<LabCluster> StartAsync(LabOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, onPassword: null, cancellationToken);

    /// <summary>As above; tells the first password as soon as it exists, because nobody ever sees it again.</summary>
    public static async Task<LabCluster> StartAsync(
        LabOptions options, Action<string>? onPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var paths = new LabPaths(options.Directory);
        paths.Prepare();
        await using var taken = await TakeLockAsync(paths, cancellationToken);
        var resolved = LabChecks.Resolve(options, paths);
        var others = (await LeftoverSweep.FindAsync(paths, cancellationToken)).Count > 0;
        try
        {
            LabState.From(resolved).Write(paths);
            var network = resolved.Nodes == 0 ? null
                : await LabNetwork.OpenAsync(paths, resolved.OutsideAccess, cancellationToken);
            var cluster = new LabCluster(resolved, paths, network);
            await cluster.RunAsync(onPassword, cancellationToken);
            return cluster;
        }
        catch when (!others)
        {
            await LeftoverSweep.RunAsync(paths, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Stops everything of a directory and leaves nothing of it on the machine; true when something was there.</summary>
    public static async Task<bool> StopAsync(string directory, CancellationToken cancellationToken)
    {
        var paths = new LabPaths(directory);
        if (!System.IO.Directory.Exists(paths.Root))
        {
            return false;
        }

        await using var taken = await TakeLockAsync(paths, cancellationToken);
        var any = (await LeftoverSweep.FindAsync(paths, cancellationToken)).Count > 0
            || System.IO.Directory.Exists($"/sys/class/net/{paths.Bridge}");
        await GracefulStop.RunAsync(paths, cancellationToken);
        await LeftoverSweep.RunAsync(paths, cancellationToken);
        return any;
    }

    /// <summary>Waits until the server lists every node as Ready.</summary>
    public async Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var api = Server.OpenApi();
        var late = Nodes;
        await Deadline.HoldsWithinAsync(
            limit,
            async cancellation =>
            {
                var seen = await api.TryNodesAsync(cancellation);
                late = [.. Nodes.Where(node => !seen.Any(item => item.Name == node.Name && item.State == "Ready"))];
                return late.Count == 0 || late.Any(node => node.AgentPid is null);
            },
            cancellationToken);
        if (late.Count > 0)
        {
            var first = late.FirstOrDefault(node => node.AgentPid is null) ?? late[0];
            var reason = first.AgentPid is null ? "The agent has ended" : $"Not Ready within {limit.TotalSeconds:0} s";
            throw new LabException(
                $"{reason}: {string.Join(", ", late.Select(node => node.Name))}; "
                + $"{first.AgentLog} ends with: {first.AgentHandle.LastLogLine()}");
        }
    }

    /// <summary>Takes the lab down at once and removes its directory. For tests; <see cref="StopAsync"/> keeps the data.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeftoverSweep.RunAsync(_paths, CancellationToken.None);
        await Command.RunAsync("rm", ["-rf", "--one-file-system", _paths.Root], CancellationToken.None);
    }

    private static Task<FileStream> TakeLockAsync(LabPaths paths, CancellationToken cancellationToken) => ExclusiveFile.TakeAsync(
        paths.Lock, $"Another start or stop is at work in {paths.Root}.", TimeSpan.FromSeconds(90), cancellationToken);

    private async Task RunAsync(Action<string>? onPassword, CancellationToken cancellationToken)
    {
        if (_network is not null)
        {
            await BusyboxImage.EnsureArchiveAsync(_paths.Busybox, cancellationToken);
        }

        // The first failure ends the others: nobody waits a minute to be told of a used port.
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> starts = [.. Nodes.Select(node => StartEngineAsync(node, together.Token))];
        if (_options.WithControlPlane)
        {
            starts.Add(StartServerAsync(onPassword, together.Token));
        }

        await foreach (var done in Task.WhenEach(starts).WithCancellation(cancellationToken))
        {
            if (!done.IsCompletedSuccessfully)
            {
                await together.CancelAsync();
                await Task.WhenAll(starts).ContinueWith(
                    static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                await done;
            }
        }

        if (_options.WithControlPlane)
        {
            await StartAgentsAsync(cancellationToken);
            await WaitUntilReadyAsync(ReadyLimit, cancellationToken);
        }
    }

    private async Task StartServerAsync(Action<string>? onPassword, CancellationToken cancellationToken)
    {
        if (Server.Pid is null)
        {
            LabChecks.CheckPort(Server.Port, ownServerRuns: false);
            AdminPassword = await Server.InitializeAsync(cancellationToken);
            if (AdminPassword is not null)
            {
                onPassword?.Invoke(AdminPassword);
            }
        }

        await Server.StartAsync(cancellationToken);
    }

    private async Task StartEngineAsync(LabNode node, CancellationToken cancellationToken)
    {
        if (node.HasPrivateEngine)
        {
            await node.StartEngineAsync(cancellationToken);
            await node.EnsureImageAsync(_paths.Busybox, cancellationToken);
        }
    }

    private async Task StartAgentsAsync(CancellationToken cancellationToken)
    {
        using var api = Server.OpenApi();
        var known = await api.NodesAsync(cancellationToken);
        var url = Server.AddressFor(_network?.HostAddress ?? "127.0.0.1");
        foreach (var node in Nodes)
        {
            var joined = node.HasIdentity && known.Any(item => item.Name == node.Name);
            var token = joined || node.AgentPid is not null ? null
                : await api.CreateJoinTokenAsync(_options.LabelsOf(node.Name), cancellationToken);
            await node.StartAgentAsync(url, token, cancellationToken);
        }
    }
}
