using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Passwords;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.Leadership;
using ControlPlane.Ldap;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Core.Directories;

/// <summary>LDAP and Active Directory: settings, sign-in, synchronisation, the test panel.</summary>
public static class DirectoriesFeature
{
    public static IServiceCollection AddDirectories(this IServiceCollection services)
    {
        services.AddSingleton<ILdapDirectory, LdapDirectory>();
        services.AddSingleton<DirectorySettingsService>();
        services.AddSingleton<ServerCircuits>();
        services.AddSingleton<DirectoryConnector>();
        services.AddSingleton<IDirectoryPasswords, DirectoryPasswords>();
        services.AddSingleton<SyncWriter>();
        services.AddSingleton<DirectorySyncRun>();
        services.AddSingleton<DirectoryProbe>();
        services.AddSingleton(provider => new DirectoryTest(
            provider.GetRequiredService<DirectorySettingsService>(),
            provider.GetRequiredService<DirectoryProbe>(),
            provider.GetRequiredService<AccessGate>(),
            provider.GetRequiredService<AuditTrail>()));
        services.AddSingleton(provider => new DirectorySync(
            provider.GetRequiredService<DirectorySettingsService>(),
            provider.GetRequiredService<DirectorySyncRun>(),
            provider.GetRequiredService<IDbContextFactory<ControlPlaneDb>>(),
            provider.GetRequiredService<Authorizer>(),
            provider.GetRequiredService<AccessGate>(),
            provider.GetRequiredService<AuditTrail>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<DutyHost<DirectorySync>>();
        return services;
    }
}
