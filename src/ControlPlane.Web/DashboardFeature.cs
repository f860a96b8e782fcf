using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Overview;
using ControlPlane.Web.Objects;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Web;

/// <summary>The dashboard, as the host sees it.</summary>
public static class DashboardFeature
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorPages(options =>
            options.Conventions.AddFolderApplicationModelConvention("/", page => page.Filters.Add(new FreshPageFilter())))
            .ConfigureApplicationPartManager(AddPages);
        services.AddSingleton<ContainerCounts>();
        services.AddSingleton<NodeSight>();
        services.AddSingleton<ObjectPlaces>();
        services.AddSingleton<ClusterOverview>();
        services.AddSingleton<Assets>();
        services.AddResponseCompression(options => options.EnableForHttps = true);
        return services;
    }

    /// <summary>Whatever the host's entry assembly is: found already in the server, not in a test.</summary>
    private static void AddPages(ApplicationPartManager parts)
    {
        var assembly = typeof(DashboardFeature).Assembly;
        if (parts.ApplicationParts.Any(part => string.Equals(part.Name, assembly.GetName().Name, StringComparison.Ordinal)))
        {
            return;
        }

        foreach (var part in ApplicationPartFactory.GetApplicationPartFactory(assembly).GetApplicationParts(assembly))
        {
            parts.ApplicationParts.Add(part);
        }
    }

    /// <summary>Scripts and styles, under <c>/assets</c>. Goes before routing.</summary>
    public static IApplicationBuilder UseDashboardAssets(this IApplicationBuilder app) => AssetFiles.Use(app);

    public static IEndpointRouteBuilder MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRazorPages();
        return endpoints;
    }
}
