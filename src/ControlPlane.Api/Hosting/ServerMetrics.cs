using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Prometheus;

namespace ControlPlane.Api.Hosting;

/// <summary>Prometheus; every <c>Meter</c> of the process is in it.</summary>
internal static class ServerMetrics
{
    public static void MapServerMetrics(this WebApplication app) =>
        app.MapMetrics("/metrics").RequirePermission(Permission.MetricsRead);
}
