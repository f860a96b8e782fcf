using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Audit.Export;
using ControlPlane.Core.Audit.Retention;
using ControlPlane.Core.Leadership;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Audit;

/// <summary>The trail: written, sealed, read, kept for its time.</summary>
public static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditExports>();
        services.AddSingleton<AuditSettingsService>();
        services.AddDuty<RefusalWriter>();
        services.AddDuty<AuditSealer>();
        services.AddDuty<AuditRetention>();
        return services;
    }
}
