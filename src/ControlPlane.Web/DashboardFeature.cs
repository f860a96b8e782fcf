using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Overview;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Web;

/// <summary>The dashboard, as the host sees it.</summary>
public static class DashboardFeature
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddRazorPages(options =>
            options.Conventions.AddFolderApplicationModelConvention("/", page => page.Filters.Add(new FreshPageFilter())));
        services.AddSingleton<ContainerCounts>();
        services.AddSingleton<NodeSight>();
        services.AddSingleton<ClusterOverview>();
        services.AddSingleton<Assets>();
        services.AddResponseCompression(options => options.EnableForHttps = true);
        return services;
    }

    /// <summary>Scripts and styles, under <c>/assets</c>. Goes before routing.</summary>
    public static IApplicationBuilder UseDashboardAssets(this IApplicationBuilder app) => AssetFiles.Use(app);

    public static IEndpointRouteBuilder MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRazorPages();
        return endpoints;
    }
}
