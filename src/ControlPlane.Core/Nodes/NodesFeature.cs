using ControlPlane.Core.Containers;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.Nodes.Usage;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Options;
using ControlPlane.Core.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ControlPlane.Core.Nodes;

/// <summary>
/// Nodes: joining, sessions, states, inventory. Needs the data and identity features, a <see cref="TimeProvider"/>, an
/// <see cref="IServerIdentity"/> and an <see cref="IEventSink"/>.
/// </summary>
public static class NodesFeature
{
    public static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.AddValidatedOptions<NodeMonitorOptions, NodeMonitorOptionsValidator>(NodeMonitorOptions.Section);
        services.AddMetrics();
        services.TryAddSingleton<ClusterState>();
        services.TryAddSingleton<Tombstones>();
        services.TryAddSingleton<NodeHealth>();
        services.TryAddSingleton<NodeLinks>();
        services.TryAddSingleton<ObjectOwnership>();
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton<NodeKeys>();
        services.AddSingleton<NodeLoader>();
        services.AddSingleton<NodeService>();
        services.AddSingleton<NodeQueries>();
        services.AddSingleton<AgentTickets>();
        services.AddSingleton<NodeJoining>();
        services.AddSingleton<JoinTokenService>();
        services.AddSingleton<NodeMonitor>();
        services.AddSingleton<NodeSyncs>();
        services.AddSingleton<ImageIndex>();
        services.AddSingleton<InventoryApplier>();
        services.AddSingleton<NodeSessions>();
        services.AddSingleton<UsageWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<UsageWatch>());
        services.AddDuty<NodeMonitorDuty>();
        services.AddDuty<JoinTokenFile>();
        return services;
    }
}
