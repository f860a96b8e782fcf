using ControlPlane.Core.Containers;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Web;

/// <summary>The dashboard, as the host sees it.</summary>
public static class DashboardFeature
{
    /// <param name="services">The host's services.</param>
    /// <param name="publicUrl">The configured address of this server, if any; join commands show it.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, Func<IServiceProvider, Uri?> publicUrl)
    {
        services.AddRazorPages(options =>
            options.Conventions.AddFolderApplicationModelConvention("/", page => page.Filters.Add(new FreshPageFilter())));
        services.AddSingleton<ContainerCounts>();
        services.AddSingleton<Assets>();
        services.AddSingleton(provider => new DashboardAddress(() => publicUrl(provider)));
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
