using ControlPlane.Core.Access.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Access;

/// <summary>What decides about access, and who changes what it decides by.</summary>
public static class AccessFeature
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessStore>();
        services.AddSingleton<Authorizer>();
        services.AddSingleton<AccessGate>();
        services.AddSingleton<RoleService>();
        services.AddSingleton<TeamService>();
        services.AddSingleton<CollectionService>();
        services.AddSingleton<GrantService>();
        services.AddSingleton<EffectiveAccess>();
        return services;
    }
}
