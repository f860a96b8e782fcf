using ControlPlane.Core.Access;
using ControlPlane.Api.DockerApi;
using ControlPlane.Api.Hosting.Proxies;
using ControlPlane.Api.Rest;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Api.SignIn;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Secrets;
using ControlPlane.Web;

namespace ControlPlane.Api.Hosting;

/// <summary>The server, put together: one line per concern.</summary>
internal static class ServerApplication
{
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddServerConfiguration(args);
        builder.AddServerLogging();
        builder.AddServerOptions();
        builder.AddDatabase();
        builder.AddListener();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddAccess();
        builder.Services.AddIdentity();
        builder.Services.AddCertificates();
        builder.Services.AddWrappedDataProtection();
        builder.Services.AddLeadership();
        builder.Services.AddServerStart();
        builder.Services.AddCallerAuthentication();
        builder.Services.AddRest();
        builder.Services.AddApiDescription();
        // Also when it is not published: scripts and styles are where the dashboard's project is.
        builder.WebHost.UseStaticWebAssets();
        builder.AddFeatures();
        builder.Services.AddDockerApi();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseForwardedAddresses();
        app.UseRequestIds();
        app.UseSecurityHeaders();
        app.UseRequestLog();
        app.UseDockerDoor();
        app.UseErrors();
        app.UseDashboardAssets();
        app.UseRouting();
        app.UseCallerAuthentication();
        app.UseCrossSiteProtection();
        app.UseAccessRules();
        app.UseCallerStreams();
        app.UseIdempotencyKeys();
        app.UseWebSockets();
        app.MapHealth();
        app.MapServerMetrics();
        app.MapApiDescription();
        app.MapRestApi();
        app.MapFeatures();
        return app;
    }
}
