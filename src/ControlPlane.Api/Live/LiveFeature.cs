using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Live;

/// <summary>Live pages.</summary>
internal static class LiveFeature
{
    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        // A page of 200 rows names 200 ids of 64 digits, three kinds of them.
        services.AddSignalR().AddHubOptions<LiveHub>(hub => hub.MaximumReceiveMessageSize = 256 * 1024);
        services.AddSingleton<LivePages>();
        services.AddSingleton<RunningOperations>();
        services.AddHostedService<LiveFeed>();
        return services;
    }

    public static IEndpointRouteBuilder MapLive(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHub<LiveHub>("/hubs/live").RequireSignIn("What a page hears of is decided per object.");
        return endpoints;
    }
}
