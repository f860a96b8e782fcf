using CliWrap;
using CliWrap.Buffered;

namespace ControlPlane.Lab;

/// <summary>Runs a command to its end, with a deadline.</summary>
public static class Command
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    public static Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, DefaultLimit, environment: null, cancellationToken);

    public static async Task<CommandResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        TimeSpan limit,
        IReadOnlyDictionary<string, string?>? environment,
        CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var command = Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None);
        if (environment is not null)
        {
            command = command.WithEnvironmentVariables(environment);
        }

        try
        {
            var result = await command.ExecuteBufferedAsync(deadline.Token);
            return new CommandResult(result.ExitCode, result.StandardOutput, result.StandardError);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LabException($"\"{program} {string.Join(' ', arguments.Take(4))}\" did not end within {limit.TotalSeconds:0} s.", late);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new LabException($"The program \"{program}\" cannot be started: {failure.Message}.", failure);
        }
    }

    /// <summary>Runs a shell script that stops at its first failing line; arguments are $1, $2, …</summary>
    public static async Task ScriptAsync(
        string what, string script, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await RunAsync("/bin/sh", ["-ec", script, "sh", .. arguments], cancellationToken);
        _ = result.OutputOrThrow(what);
    }
}
