using System.Runtime.InteropServices;
using ControlPlane.Agent.Hosting;
using Microsoft.Extensions.Logging;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var logs = new LoggerFactory([new ConsoleLoggerProvider(Console.Out, TimeProvider.System)]);
try
{
    if (args is ["health", .. var rest])
    {
        return HealthCommand.Run(rest, TimeProvider.System, Console.Out, Console.Error);
    }

    var options = AgentCommandLine.Parse(args, Environment.GetEnvironmentVariable);
    // Before anything is opened, written or connected.
    EngineAccess.Take(options);
    await AgentProcess.RunAsync(options, new AgentDeadlines(), TimeProvider.System, logs, stop.Token);
    return ExitCode.Orderly;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCode.Orderly;
}
catch (AgentRefusedException e)
{
    await Console.Error.WriteLineAsync($"controlplane-agent: {e.Message}");
    return e.ExitCode;
}
