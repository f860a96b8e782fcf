using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Containers.Rescheduling;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>The container services over a real database, with nodes whose agents are scripted by the test.</summary>
internal sealed class ContainerWorld : IAsyncDisposable
{
    public static readonly Caller Admin = new() { Kind = CallerKind.Token, Id = "u1", Name = "admin", IsAdministrator = true, RequestId = "r1" };
    public static readonly Caller Stranger = new() { Kind = CallerKind.Token, Id = "u2", Name = "stranger", IsAdministrator = false, RequestId = "r2" };

    private readonly bool _ownsDatabase;
    private readonly ContainerReconciler _reconciler;
    private readonly LeftCopies _copies;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _duties = [];

    private ContainerWorld(TestDatabase database, bool ownsDatabase)
    {
        Database = database;
        _ownsDatabase = ownsDatabase;
        State = new ClusterState(TimeProvider.System);
        State.BeginEpoch(1);
        Links = new NodeLinks(TimeProvider.System);
        var deadlines = Microsoft.Extensions.Options.Options.Create(new DeadlineOptions { StalledCreateSeconds = 1 });
        Access = new AccessStore(database);
        var authorizer = new Authorizer(Access);
        var audit = new AuditTrail(database, TimeProvider.System);
        var gate = new AccessGate(authorizer, audit, new AnonymousRefusals());
        Gate = gate;
        Authorizer = authorizer;
        Operations = new OperationLog(database, State, gate, authorizer, audit, TimeProvider.System, NullLogger<OperationLog>.Instance);
        Queries = new ContainerQueries(State, authorizer, database);
        Tombstones = new Tombstones();
        Registries = new RegistryHealth(TimeProvider.System);
        Moves = new ContainerMoves(State, database, Registries, audit, TimeProvider.System);
        Ownership = new ObjectOwnership(database, TimeProvider.System);
        var volumes = new ContainerVolumes(State, Ownership, audit, NullLogger<ContainerVolumes>.Instance);
        Launches = new ContainerLaunches(
            Links, State, database, Moves, Registries, Tombstones, audit, volumes, TimeProvider.System, deadlines, NullLogger<ContainerLaunches>.Instance);
        Shared = new SharedContainers(authorizer, State, Queries, database);
        Choice = new CollectionChoice(authorizer, Access);
        Check = new AdmissionCheck(authorizer, Access, Choice, Shared, new ObjectUse(State, Ownership, authorizer));
        Refusals = new AdmissionGate(audit);
        Admission = new CreateAdmission(gate, Refusals, authorizer, Choice, Check, State, Queries);
        Creation = new ContainerCreation(Admission, authorizer, State, database, Operations, audit, Launches, Queries, Registries, TimeProvider.System, deadlines);
        Actions = new ContainerActions(gate, Queries, State, Links, database, audit, Tombstones, TimeProvider.System, deadlines);
        Changes = new ContainerChanges(gate, Queries, Check, Refusals, Shared, State, Links, database, audit, deadlines);
        Loader = new ContainerLoader(database, State, Tombstones);
        Tasks = new OperationTasks(NullLogger<OperationTasks>.Instance);
        Bulk = new ContainerBulk(Queries, Actions, database, Operations, gate, audit, Tasks);
        _reconciler = new ContainerReconciler(
            State, Links, database, Operations, Launches, Tombstones, TimeProvider.System, deadlines, NullLogger<ContainerReconciler>.Instance);
        _copies = new LeftCopies(State, Links, Moves, Tombstones, TimeProvider.System, deadlines, NullLogger<LeftCopies>.Instance);
        Hold = new ReschedulingHold();
        Rescheduling = new ReschedulingControl(Hold, State, gate, authorizer, audit, Microsoft.Extensions.Options.Options.Create(new ReschedulingOptions()), Microsoft.Extensions.Options.Options.Create(new NodeMonitorOptions()));
    }

    public TestDatabase Database { get; }

    public AccessStore Access { get; }

    public AccessGate Gate { get; }

    public ObjectOwnership Ownership { get; }

    public SharedContainers Shared { get; }

    public CollectionChoice Choice { get; }

    public AdmissionCheck Check { get; }

    public AdmissionGate Refusals { get; }

    public CreateAdmission Admission { get; }

    public Authorizer Authorizer { get; }

    public ClusterState State { get; }

    public NodeLinks Links { get; }

    public OperationLog Operations { get; }

    public ContainerQueries Queries { get; }

    public ContainerLaunches Launches { get; }

    public ContainerCreation Creation { get; }

    public RegistryHealth Registries { get; }

    public ContainerMoves Moves { get; }

    public ReschedulingHold Hold { get; }

    public ReschedulingControl Rescheduling { get; }

    public EventList Events { get; } = new();

    public ContainerActions Actions { get; }

    public ContainerChanges Changes { get; }

    public ContainerBulk Bulk { get; }

    public OperationTasks Tasks { get; }

    public ContainerLoader Loader { get; }

    public Tombstones Tombstones { get; }

    public static async Task<ContainerWorld> CreateAsync(DatabaseKind kind)
    {
        var world = new ContainerWorld(await TestDatabase.CreateAsync(kind), ownsDatabase: true);
        await world._reconciler.StartAsync(CancellationToken.None);
        return world;
    }

    /// <summary>Moves containers of failed nodes and removes old copies from now on. No amnesty unless said so.</summary>
    public void Reschedule(ReschedulingOptions? options = null, int amnestySeconds = 0)
    {
        var rescheduler = new Rescheduler(
            State, Moves, Launches, Hold, Database, Events,
            Microsoft.Extensions.Options.Options.Create(options ?? new ReschedulingOptions { LookAgainSeconds = 1 }),
            Microsoft.Extensions.Options.Options.Create(new NodeMonitorOptions { StartAmnestySeconds = amnestySeconds, DownAfterSeconds = 1 }),
            TimeProvider.System, NullLogger<Rescheduler>.Instance);
        _duties.Add(rescheduler.RunAsync(_stopping.Token));
        _duties.Add(_copies.RunAsync(_stopping.Token));
    }

    /// <summary>The node has failed: no session, and the grace is over.</summary>
    public void Fail(ScriptedAgent agent, NodeState how = NodeState.Down)
    {
        if (how == NodeState.Down)
        {
            Links.Detach(agent);
        }

        State.Write(writer => writer.Put(writer.Node(agent.NodeId)! with { State = how, StateSince = writer.Now, Synced = how != NodeState.Down }));
    }

    private async Task StopDutiesAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_duties).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>A server process started anew on the same database.</summary>
    public async Task<ContainerWorld> RestartedAsync(params string[] nodes)
    {
        await StopDutiesAsync();
        await _reconciler.StopAsync(CancellationToken.None);
        await Launches.StopAsync(CancellationToken.None);
        var next = new ContainerWorld(Database, ownsDatabase: false);
        foreach (var node in nodes)
        {
            next.AddNode(node, connected: false);
        }

        await next.Loader.LoadAsync(CancellationToken.None);
        await next._reconciler.StartAsync(CancellationToken.None);
        return next;
    }

    /// <summary>A node with 4 CPUs and 1 GiB; its agent does what it is told at once unless the test says otherwise.</summary>
    public ScriptedAgent AddNode(string id, bool connected = true)
    {
        var agent = new ScriptedAgent(id, State, Links);
        State.Write(writer => writer.Put(new NodeRecord
        {
            Id = id,
            Name = id,
            State = connected ? NodeState.Ready : NodeState.Unknown,
            StateSince = writer.Now,
            Availability = NodeAvailability.Active,
            JoinedAt = writer.Now,
            Revision = 1,
            Synced = connected,
            SyncedAt = connected ? writer.Now : null,
            Pulse = new NodePulse(),
            Description = new NodeDescription
            {
                EngineId = $"engine-{id}",
                HostName = id,
                EngineVersion = "20.10.24",
                ApiVersion = "1.41",
                MinApiVersion = "1.12",
                OperatingSystem = "Linux",
                OsType = "linux",
                Architecture = "x86_64",
                KernelVersion = "6.1",
                StorageDriver = "overlay2",
                Cpus = 4,
                MemoryBytes = 1L << 30,
                EngineLabels = new Dictionary<string, string>(),
            },
        }));
        if (connected)
        {
            Links.Attach(agent);
        }

        return agent;
    }

    /// <summary>The node's full inventory is in.</summary>
    public void Sync(ScriptedAgent agent)
    {
        Links.Attach(agent);
        agent.ReportAll();
        State.Write(writer => writer.Put(writer.Node(agent.NodeId)! with { State = NodeState.Ready, Synced = true, SyncedAt = writer.Now }));
    }

    public Task<Result<ContainerCreated>> CreateAsync(ContainerCreateRequest request, TimeSpan? wait = null) =>
        Creation.CreateAsync(Admin, request, wait ?? TimeSpan.FromSeconds(10), CancellationToken.None);

    public async Task<List<ContainerEntity>> RowsAsync()
    {
        await using var db = await ((IDbContextFactory<ControlPlaneDb>)Database).CreateDbContextAsync(CancellationToken.None);
        return await db.Containers.AsNoTracking().ToListAsync();
    }

    public async Task<List<AuditEntity>> AuditAsync()
    {
        await using var db = await ((IDbContextFactory<ControlPlaneDb>)Database).CreateDbContextAsync(CancellationToken.None);
        return await db.Audit.AsNoTracking().OrderBy(entry => entry.Id).ToListAsync();
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public async ValueTask DisposeAsync()
    {
        await StopDutiesAsync();
        await _reconciler.StopAsync(CancellationToken.None);
        await Launches.StopAsync(CancellationToken.None);
        await Tasks.StopAsync(CancellationToken.None);
        if (_ownsDatabase)
        {
            Database.Dispose();
        }
    }
}

/// <summary>Events for people.</summary>
internal sealed class EventList : IEventSink
{
    public ConcurrentQueue<EventEntity> All { get; } = new();

    public void Add(EventEntity entry) => All.Enqueue(entry);

    public void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId)
    {
    }
}

/// <summary>An agent and its engine, as the server sees them.</summary>
internal sealed class ScriptedAgent(string nodeId, ClusterState state, NodeLinks links) : INodeLink
{
    /// <summary>What is on the engine, by engine id.</summary>
    public ConcurrentDictionary<string, ContainerReport> Engine { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<AgentCommand> Received { get; } = new();

    /// <summary>Networks and volumes of the engine.</summary>
    public ScriptedObjects Objects { get; } = new(nodeId, state);

    /// <summary>Null = do it; otherwise the answer. A null answer = never answers.</summary>
    public Func<AgentCommand, CommandResult?>? Script { get; set; }

    /// <summary>Runs before a command is looked at.</summary>
    public Func<Task>? Before { get; set; }

    public string NodeId => nodeId;

    public string SessionId { get; } = Guid.NewGuid().ToString("N");

    public async Task SendAsync(AgentCommand command, CancellationToken cancellationToken)
    {
        Received.Enqueue(command);
        await (Before?.Invoke() ?? Task.CompletedTask);
        var result = Script is null ? Do(command) : Script(command);
        if (result is not null)
        {
            links.Complete(nodeId, result);
        }
    }

    public Task CancelCommandAsync(string commandId, CancellationToken cancellationToken)
    {
        links.Complete(nodeId, new CommandResult { CommandId = commandId, Outcome = CommandOutcome.Cancelled, Code = "command.cancelled", NothingChanged = true });
        return Task.CompletedTask;
    }

    public Task WatchUsageAsync(IReadOnlyList<string> engineIds, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ResyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task EndAsync(SessionEnd end, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What a well agent does.</summary>
    public CommandResult Do(AgentCommand command)
    {
        switch (command)
        {
            case CreateContainer create:
                var report = Engine.Values.FirstOrDefault(c => c.ClusterId == create.ClusterId) ?? Report(create, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()).PadRight(64, 'e'));
                if (create.Start && report.StartedAt is null)
                {
                    report = report with { State = "running", StartedAt = create.SpecJson.Length > 0 ? DateTime.UnixEpoch.AddDays(20000) : null };
                }

                Engine[report.EngineId] = report;
                Tell(report);
                return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done, Container = report };
            case RemoveContainer remove:
                Engine.TryRemove(remove.EngineId, out _);
                state.Write(writer =>
                {
                    if (writer.ContainerByEngineId(remove.EngineId) is { } gone)
                    {
                        writer.RemoveContainer(gone.Id, ContainerReasons.Destroyed);
                    }
                });
                break;
            case CreateVolume or RemoveVolume or CreateNetwork or RemoveNetwork:
                return Objects.Do(command);
            case RenameContainer rename:
                Engine[rename.EngineId] = Engine[rename.EngineId] with { Name = rename.NewName };
                Tell(Engine[rename.EngineId]);
                break;
            case StopContainer stop:
                Engine[stop.EngineId] = Engine[stop.EngineId] with { State = "exited", FinishedAt = DateTime.UnixEpoch.AddDays(20001) };
                Tell(Engine[stop.EngineId]);
                break;
        }

        return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done };
    }

    public void ReportAll()
    {
        foreach (var report in Engine.Values)
        {
            Tell(report);
        }
    }

    private static ContainerReport Report(CreateContainer create, string engineId) => new()
    {
        EngineId = engineId,
        ClusterId = create.ClusterId,
        Name = create.Name,
        Image = "busybox",
        ImageId = "sha256:1",
        Command = "sh",
        CreatedAt = DateTime.UnixEpoch.AddDays(20000),
        State = "created",
    };

    private void Tell(ContainerReport report) => state.Write(writer =>
    {
        var managed = report.ClusterId is { } id ? writer.Container(id) : null;
        if (managed?.Intent is { } intent && managed.NodeId == nodeId)
        {
            writer.Put(managed with
            {
                Observed = report,
                ObservedAt = writer.Now,
                Name = report.Name,
                Intent = intent with { Phase = intent.Phase == ContainerPhase.Creating ? ContainerPhase.Present : intent.Phase, EngineId = report.EngineId },
            });
        }
        else
        {
            writer.Put(new ContainerRecord
            {
                Id = report.EngineId,
                NodeId = nodeId,
                Name = report.Name,
                Image = report.Image,
                Collection = Collections.Unmanaged,
                CreatedAt = report.CreatedAt,
                Observed = report,
                ObservedAt = writer.Now,
                CopyOf = managed?.Intent?.Left.Any(left => left.EngineId == report.EngineId && left.NodeId == nodeId) == true ? managed.Id : null,
                Pulse = new ContainerPulse(),
            });
        }
    });
}
