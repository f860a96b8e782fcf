using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Options;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>What happens before the first request, in order: directory, database, keys, accounts, lease, caches.</summary>
internal sealed partial class ServerStart(
    DatabasePlace database,
    IOptions<ServerOptions> options,
    CertificateAuthority authority,
    ServerCertificate certificate,
    LocalAccounts accounts,
    LeaderLease lease,
    IEnumerable<IWarmUp> warmUps,
    PublicAddress address,
    AdminEnvFile adminEnv,
    FirstPassword firstPassword,
    IServer server,
    IHostApplicationLifetime lifetime,
    ILogger<ServerStart> logger) : IDisposable
{
    private FileStream? _lock;

    /// <summary>Has everything been loaded?</summary>
    public bool IsReady { get; private set; }

    public async Task OpenDatabaseAsync(CancellationToken cancellationToken)
    {
        DataDirectory.Create(options.Value.DataDirectory);
        await database.MigrateAsync(cancellationToken);
    }

    /// <summary>Migrates and makes the first account; harmless when done before. Null when there were accounts.</summary>
    public async Task<FirstAccount?> InitAsync(CancellationToken cancellationToken)
    {
        await OpenDatabaseAsync(cancellationToken);
        await authority.LoadAsync(cancellationToken);
        var first = await accounts.CreateFirstAsync(options.Value.AdminEnvFile, cancellationToken);
        if (first is not null && options.Value.AdminEnvFile)
        {
            adminEnv.Write(address.Url, first.Token);
        }

        return first;
    }

    /// <param name="keepPassword">Nobody watches: the first password goes to a file, at once, whatever fails afterwards.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FirstAccount?> PrepareAsync(bool keepPassword, CancellationToken cancellationToken)
    {
        DataDirectory.Create(options.Value.DataDirectory);
        _lock = DataDirectory.Lock(options.Value.DataDirectory);
        var first = await InitAsync(cancellationToken);
        if (first is not null && keepPassword)
        {
            firstPassword.Keep(first.Password);
            LogFirstAccount(first.Name);
        }

        // A given certificate that cannot be used is told now, not at the first handshake.
        certificate.Current();
        await lease.TakeAsync(cancellationToken);
        foreach (var warmUp in warmUps)
        {
            await warmUp.WarmUpAsync(cancellationToken);
        }

        await adminEnv.AddDockerAsync(cancellationToken);
        lifetime.ApplicationStarted.Register(Started);
        IsReady = true;
        return first;
    }

    public void Dispose() => _lock?.Dispose();

    private void Started()
    {
        // In the order they were asked for: see Listener.
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).ToList() is [var main, var docker])
        {
            address.Bound(main.Port, docker.Port);
        }

        adminEnv.Update(address.Url, address.DockerHost);
        LogListening(address.Port, address.Url, lease.Epoch);
    }

    [LoggerMessage(LogLevel.Information, "Made the account {Name}. Read its password, once, by: ControlPlane.Api admin first-password")]
    private partial void LogFirstAccount(string name);

    [LoggerMessage(LogLevel.Information, "Listening on port {Port}: {Url} (epoch {Epoch}).")]
    private partial void LogListening(int port, string url, long epoch);
}

/// <summary>Registers the start.</summary>
internal static class ServerStartRegistration
{
    public static void AddServerStart(this IServiceCollection services)
    {
        services.AddSingleton<AdminEnvFile>();
        services.AddSingleton<ServerStart>();
        services.AddHostedService(provider => new ServiceNotice(
            Environment.GetEnvironmentVariable(ServiceNotice.Variable), provider.GetRequiredService<ILogger<ServiceNotice>>()));
    }
}
