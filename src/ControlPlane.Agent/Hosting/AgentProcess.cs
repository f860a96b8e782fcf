using ControlPlane.Agent.Commands;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Session;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Agent.Usage;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Hosting;

/// <summary>The whole agent: puts the parts together, by hand, and runs them until told to stop.</summary>
internal static class AgentProcess
{
    /// <returns>When cancelled.</returns>
    /// <exception cref="AgentRefusedException">It cannot go on.</exception>
    public static async Task RunAsync(
        AgentCommandLine options, AgentDeadlines deadlines, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var health = new HealthFile(options.HealthFile, time);
        // What an earlier process left says nothing about this one.
        health.Remove();
        var policy = HostPolicy.Load(options.PolicyFile);
        using var socket = new EngineSocket(options.EngineSocket);
        using var reader = new EngineReader(socket, deadlines, policy.InWords, options.AdvertiseAddress);
        var file = new IdentityFile(options.DataDirectory);
        var tokens = new JoinTokenSource(options, deadlines, time, logs.CreateLogger<JoinTokenSource>());
        var join = new NodeJoin(options, tokens, file, deadlines, time, logs.CreateLogger<NodeJoin>());
        var identity = await join.RunAsync(token => DescribeAsync(reader, deadlines, token), cancellationToken);
        var server = options.Server ?? new Uri(identity.Server);
        var trust = new ServerTrust(identity.Keys);
        using var door = new ServerDoor(server, trust, deadlines);

        var store = new InventoryStore(time);
        var outbox = new Outbox();
        using var engineHealth = new EngineHealth(socket, store, deadlines, time, logs.CreateLogger<EngineHealth>());
        var platforms = new ImagePlatforms(reader, store, deadlines);
        var look = new InventoryLook(reader, store, platforms, deadlines, time);
        var watch = new EngineWatch(socket, reader, store, platforms, engineHealth, deadlines, time, logs.CreateLogger<EngineWatch>());
        var pull = new ImagePull(socket, outbox, deadlines, time);
        using var starts = new StartLimit();
        var creation = new ContainerCreation(socket, reader, store, policy, pull, starts, look, time);
        var work = new CommandWork(socket, store, policy, creation, pull, starts, look, time);
        var commands = new CommandRunner(work, outbox, time, logs.CreateLogger<CommandRunner>());
        var usage = new UsageWatch(socket, outbox, time);
        var tunnels = new TunnelDialer(server, trust, socket, policy, deadlines, time, logs.CreateLogger<TunnelPool>());
        var keys = new KnownKeys(file, identity, trust, logs.CreateLogger<KnownKeys>());
        var session = new AgentSession(
            new SessionFactory(server, trust, deadlines), keys, store, outbox, commands, reader, usage, tunnels, health, deadlines, time, logs.CreateLogger<AgentSession>());
        var sessions = new SessionLoop(session, door, trust, identity, deadlines, time, logs.CreateLogger<SessionLoop>());

        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts = [sessions.RunAsync(scope.Token), watch.RunAsync(scope.Token), engineHealth.RunAsync(scope.Token), usage.RunAsync(scope.Token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Orderly: the sessions below still say goodbye.
        }
        finally
        {
            await scope.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<NodeDescription?> DescribeAsync(EngineReader reader, AgentDeadlines deadlines, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.EnginePing);
        try
        {
            return await reader.DescribeAsync(deadline.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A node may join before its engine is there.
            return null;
        }
    }
}
