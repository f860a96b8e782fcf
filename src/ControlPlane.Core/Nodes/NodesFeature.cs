using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.Nodes.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Nodes;

/// <summary>
/// Nodes: joining, sessions, states, inventory. Needs the data, access, audit and state features, a <see cref="TimeProvider"/> and an
/// <see cref="IServerIdentity"/>; an <see cref="IEventSink"/> registered before or after wins over the one that keeps nothing.
/// </summary>
public static class NodesFeature
{
    public static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.AddOptions<NodeMonitorOptions>().BindConfiguration(NodeMonitorOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NodeMonitorOptions>, NodeMonitorOptionsValidator>();
        services.AddMetrics();
        services.TryAddSingleton<IEventSink, NoEventSink>();
        services.TryAddSingleton<NodeLinks>();
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton<NodeKeys>();
        services.AddSingleton<NodeLoader>();
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
        services.AddHostedService<NodeMonitorDuty>();
        return services;
    }
}
