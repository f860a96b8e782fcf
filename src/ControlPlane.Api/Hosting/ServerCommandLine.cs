using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary><c>init</c>, <c>admin …</c> (the way back in for who may run commands on this machine), or run.</summary>
internal static class ServerCommandLine
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int Usage = 2;

    // Of its own: who starts this one again by itself would end the other, and so on for ever.
    private const int Superseded = 3;

    private const string UsageText = """
        usage: ControlPlane.Api [init | admin first-password | admin reset-password [--user NAME] | admin reset-second-factor --user NAME | admin enable --user NAME] --data DIR [--port 8443] [--listen ADDRESS]
                                [--public-url URL] [--database SQLITE|"Host=…"] [--join-token-file FILE]
               ControlPlane.Api health --data DIR [--port 8443]
               ControlPlane.Api secrets --out DIR
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return args switch
            {
                ["init", .. var rest] => await InitAsync(rest),
                ["admin", "reset-password", .. var rest] => await ResetPasswordAsync(rest),
                ["admin", "reset-second-factor", .. var rest] => await OnAccountAsync(
                    rest, "has no second factor any more", (accounts, name) => accounts.ResetSecondFactorAsync(Caller.System("command-line"), name, CancellationToken.None)),
                ["admin", "enable", .. var rest] => await OnAccountAsync(
                    rest, "is enabled", (accounts, name) => accounts.EnableAsync(Caller.System("command-line"), name, CancellationToken.None)),
                ["admin", "first-password", .. var rest] => FirstPasswordCommand.Run(rest, Console.Out, Console.Error),
                ["health", .. var rest] => await HealthCommand.RunAsync(rest, Console.Out, Console.Error, CancellationToken.None),
                ["secrets", .. var rest] => SecretsCommand.Run(rest, Console.Out, Console.Error),
                ["audit", .. var rest] => await AuditCommands.RunAsync(rest, Console.Out, CancellationToken.None),
                ["database", .. var rest] => await DatabaseCommands.RunAsync(rest, Console.Out, CancellationToken.None),
                [var word, ..] when !word.StartsWith('-') => await RefuseAsync(word),
                _ => await ServeAsync(args),
            };
        }
        catch (OptionsValidationException error)
        {
            foreach (var failure in error.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return Usage;
        }
        catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            foreach (var failure in error.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures))
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return Usage;
        }
        catch (InvalidOperationException error) when (error.InnerException is ArgumentException or FormatException)
        {
            // The binder's text names the key and the value: "Failed to convert configuration value 'x' at 'Server:Port' …".
            await Console.Error.WriteLineAsync(error.Message);
            return Usage;
        }
        catch (Exception error) when (error is ServerStartException or IOException or UnauthorizedAccessException or System.Data.Common.DbException || DatabaseErrors.Of(error) is not null)
        {
            await Console.Error.WriteLineAsync(StartFailure.Sentence(error));
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        await using var app = ServerApplication.Build(args);
        var first = await app.Services.GetRequiredService<ServerStart>().PrepareAsync(Console.IsOutputRedirected, CancellationToken.None);
        if (first is not null && !Console.IsOutputRedirected)
        {
            // Only to a terminal: redirected output is a log.
            PrintPassword(first);
        }

        // Before: the services are disposed of when the run ends.
        var lease = app.Services.GetRequiredService<LeaderLease>();
        await app.RunAsync();
        return lease.IsLost ? Superseded : Ok;
    }

    private static async Task<int> InitAsync(string[] args)
    {
        await using var app = ServerApplication.Build(args);
        var first = await app.Services.GetRequiredService<ServerStart>().InitAsync(CancellationToken.None);
        if (first is not null)
        {
            PrintPassword(first);
        }

        return Ok;
    }

    private static async Task<int> ResetPasswordAsync(string[] args)
    {
        await using var app = ServerApplication.Build(args);
        await app.Services.GetRequiredService<ServerStart>().OpenDatabaseAsync(CancellationToken.None);
        var name = app.Configuration["user"] ?? LocalAccounts.AdministratorName;
        var result = await app.Services.GetRequiredService<LocalAccounts>().ResetPasswordAsync(Caller.System("command-line"), name, CancellationToken.None);
        if (!result.IsSuccess)
        {
            await Console.Error.WriteLineAsync(result.Error.Message);
            return Failed;
        }

        Console.WriteLine($"{name} password: {result.Value}");
        return Ok;
    }

    private static async Task<int> OnAccountAsync(string[] args, string done, Func<LocalAccounts, string, Task<Result<Done>>> change)
    {
        await using var app = ServerApplication.Build(args);
        if (app.Configuration["user"] is not { Length: > 0 } name)
        {
            await Console.Error.WriteLineAsync($"Name the account: --user NAME.\n{UsageText}");
            return Usage;
        }

        await app.Services.GetRequiredService<ServerStart>().OpenDatabaseAsync(CancellationToken.None);
        var result = await change(app.Services.GetRequiredService<LocalAccounts>(), name);
        if (!result.IsSuccess)
        {
            await Console.Error.WriteLineAsync(result.Error.Message);
            return Failed;
        }

        Console.WriteLine($"{name} {done}.");
        return Ok;
    }

    private static void PrintPassword(FirstAccount first) => Console.WriteLine($"{first.Name} password: {first.Password}");

    private static async Task<int> RefuseAsync(string word)
    {
        await Console.Error.WriteLineAsync($"Unknown command '{word}'.\n{UsageText}\n{AuditCommands.UsageText}\n{DatabaseCommands.UsageText}");
        return Usage;
    }
}
