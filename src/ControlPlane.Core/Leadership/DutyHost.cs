using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Leadership;

/// <summary>Runs one duty.</summary>
internal sealed partial class DutyHost<TDuty>(TDuty duty, TimeProvider clock, ILogger<DutyHost<TDuty>> logger) : BackgroundService
    where TDuty : class, IDuty
{
    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the thread that starts the server.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await duty.RunAsync(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is DbException || error.InnerException is DbException)
            {
                // Every duty says so every second until it is back: a line is enough.
                LogNoDatabase(typeof(TDuty).Name, error.GetBaseException().Message);
            }
            catch (Exception error)
            {
                LogFailed(typeof(TDuty).Name, error);
            }

            try
            {
                await Task.Delay(Backoff, clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The duty {Duty} failed and starts again.")]
    private partial void LogFailed(string duty, Exception error);

    [LoggerMessage(LogLevel.Warning, "The duty {Duty} starts again: the database failed. {Cause}")]
    private partial void LogNoDatabase(string duty, string cause);
}

/// <summary>Registers duties and warm-ups.</summary>
public static class DutyRegistration
{
    public static IServiceCollection AddDuty<TDuty>(this IServiceCollection services) where TDuty : class, IDuty
    {
        services.AddSingleton<TDuty>();
        services.AddHostedService<DutyHost<TDuty>>();
        return services;
    }

    /// <summary>The type must be registered as a singleton already.</summary>
    public static IServiceCollection AddWarmUp<TWarmUp>(this IServiceCollection services) where TWarmUp : class, IWarmUp =>
        services.AddSingleton<IWarmUp>(provider => provider.GetRequiredService<TWarmUp>());
}
