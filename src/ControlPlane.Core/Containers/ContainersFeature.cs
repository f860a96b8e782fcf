using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Containers.Rescheduling;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Options;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Containers;

/// <summary>Containers and the operations on them.</summary>
public static class ContainersFeature
{
    public static IServiceCollection AddContainers(this IServiceCollection services)
    {
        services.AddOptions<DeadlineOptions>().BindConfiguration(DeadlineOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OperationLog>();
        services.AddSingleton<OperationTasks>();
        services.AddHostedService(provider => provider.GetRequiredService<OperationTasks>());
        services.AddSingleton<Tombstones>();
        services.AddSingleton<ContainerLoader>();
        services.AddSingleton<ContainerQueries>();
        services.AddSingleton<PlacementQueries>();
        services.AddSingleton<RegistryHealth>();
        services.AddSingleton<ContainerMoves>();
        services.AddSingleton<ContainerVolumes>();
        services.AddSingleton<ContainerLaunches>();
        services.AddHostedService(provider => provider.GetRequiredService<ContainerLaunches>());
        services.AddAdmission();
        services.AddSingleton<ContainerCreation>();
        services.AddSingleton<ContainerActions>();
        services.AddSingleton<ContainerChanges>();
        services.AddSingleton<ContainerBulk>();
        services.AddSingleton<ContainerStreams>();
        services.AddSingleton<ContainerLookup>();
        services.AddSingleton<ContainerExecs>();
        services.AddSingleton<EngineEventFeed>();
        services.AddSingleton<EventArrivals>();
        services.AddHostedService<ContainerReconciler>();
        services.AddValidatedOptions<ReschedulingOptions, ReschedulingOptionsValidator>(ReschedulingOptions.Section);
        services.AddSingleton<ReschedulingHold>();
        services.AddSingleton<ReschedulingControl>();
        services.AddDuty<Rescheduler>();
        services.AddDuty<LeftCopies>();
        return services;
    }
}
