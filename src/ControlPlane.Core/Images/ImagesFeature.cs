using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Images;

/// <summary>Images of the cluster.</summary>
public static class ImagesFeature
{
    public static IServiceCollection AddImages(this IServiceCollection services)
    {
        services.AddSingleton<ImageNodes>();
        services.AddSingleton<ImageQueries>();
        services.AddSingleton<ImageReads>();
        services.AddSingleton<Sightings>();
        services.AddSingleton<ImagePulls>();
        services.AddSingleton<ImagePushes>();
        services.AddSingleton<ImageLoads>();
        services.AddSingleton<ImageBuilds>();
        services.AddSingleton<ImageCommands>();
        services.AddSingleton<ImageChanges>();
        services.AddSingleton<ImagePruning>();
        services.AddSingleton<ImageCommits>();
        services.AddSingleton<BuildCache>();
        services.AddSingleton<DiskUsages>();
        return services;
    }
}
