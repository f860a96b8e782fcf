using ControlPlane.Api.DockerApi.Containers;
using ControlPlane.Api.DockerApi.Engine;
using ControlPlane.Api.DockerApi.Images;
using ControlPlane.Api.DockerApi.Networks;
using ControlPlane.Api.DockerApi.Routing;
using ControlPlane.Api.DockerApi.Volumes;

namespace ControlPlane.Api.DockerApi;

/// <summary>Registers the Docker endpoint and puts it in front of everything else of the server.</summary>
internal static class DockerApiFeature
{
    public static void AddDockerApi(this IServiceCollection services)
    {
        services.AddSingleton<DockerDoor>();
        services.AddSingleton<DockerRouter>();
        services.AddSingleton<ClusterInfo>();
        services.AddSingleton<IDockerRoutes, EngineRoutes>();
        services.AddSingleton<IDockerRoutes, EventRoutes>();
        services.AddSingleton<IDockerRoutes, SwarmModeRoutes>();
        services.AddSingleton<ObservedChanges>();
        services.AddSingleton<ListedContainers>();
        services.AddSingleton<ImagePresence>();
        services.AddSingleton<IDockerRoutes, ContainerReadRoutes>();
        services.AddSingleton<IDockerRoutes, ContainerChangeRoutes>();
        services.AddSingleton<IDockerRoutes, ContainerStreamRoutes>();
        services.AddSingleton<IDockerRoutes, ExecRoutes>();
        services.AddSingleton<IDockerRoutes, ImageRoutes>();
        services.AddSingleton<IDockerRoutes, ImageStreamRoutes>();
        services.AddSingleton<IDockerRoutes, BuildRoutes>();
        services.AddSingleton<IDockerRoutes, NetworkRoutes>();
        services.AddSingleton<IDockerRoutes, VolumeRoutes>();
    }

    public static void UseDockerDoor(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<DockerDoor>();
        app.Use((context, next) => DockerDoor.IsOurs(context) ? door.AnswerAsync(context) : next(context));
    }
}
