using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Settings;

/// <summary>What people decide about the whole cluster at run time, kept in the database.</summary>
public static class SettingsFeature
{
    public static IServiceCollection AddClusterSettings(this IServiceCollection services)
    {
        services.AddSingleton<SettingsLoader>();
        services.AddSingleton<SchedulingSettingsService>();
        return services;
    }
}
