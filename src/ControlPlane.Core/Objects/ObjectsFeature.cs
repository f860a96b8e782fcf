using ControlPlane.Core.Leadership;
using ControlPlane.Core.Networks;
using ControlPlane.Core.Volumes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ControlPlane.Core.Objects;

/// <summary>Networks and volumes of the cluster.</summary>
public static class ObjectsFeature
{
    public static IServiceCollection AddObjects(this IServiceCollection services)
    {
        services.TryAddSingleton<ObjectOwnership>();
        services.AddDuty<VanishedObjects>();
        services.AddSingleton<ObjectNodes>();
        services.AddSingleton<VolumeQueries>();
        services.AddSingleton<VolumeCreation>();
        services.AddSingleton<VolumeRemoval>();
        services.AddSingleton<NetworkQueries>();
        services.AddSingleton<NetworkCreation>();
        services.AddSingleton<NetworkJoins>();
        services.AddSingleton<NetworkRemoval>();
        return services;
    }
}
