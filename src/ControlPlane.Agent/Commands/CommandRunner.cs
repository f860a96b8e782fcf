using ControlPlane.Agent.Session;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Commands;

/// <summary>
/// Takes commands in and sees that each ends in exactly one result: a repeated id is answered with the first result, commands of one
/// container run in the order they came, those of different containers beside each other.
/// </summary>
internal sealed partial class CommandRunner(CommandWork work, Outbox outbox, TimeProvider time, ILogger<CommandRunner> logger)
{
    private const int RememberedResults = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, CommandContext> _running = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, CommandResult> _finished = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _lastOf = new(StringComparer.Ordinal);

    /// <summary>Ids of commands that have not ended yet, or whose result the server has not taken yet.</summary>
    public IReadOnlyList<string> InFlight
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Keys.Union(outbox.Unacknowledged, StringComparer.Ordinal)];
            }
        }
    }

    public void Accept(AgentCommand command)
    {
        CommandResult? known;
        lock (_gate)
        {
            if (_running.ContainsKey(command.Id))
            {
                return;
            }

            if (!_finished.TryGetValue(command.Id, out known))
            {
                var context = new CommandContext(command, time);
                _running.Add(command.Id, context);
                var key = KeyOf(command);
                _lastOf[key] = RunAsync(context, key, _lastOf.GetValueOrDefault(key, Task.CompletedTask));
            }
        }

        if (known is not null)
        {
            outbox.Add(known);
        }
    }

    public void Cancel(string commandId)
    {
        lock (_gate)
        {
            _running.GetValueOrDefault(commandId)?.Cancel();
        }
    }

    private static string KeyOf(AgentCommand command) => command switch
    {
        CreateContainer create => create.ClusterId,
        ContainerCommand other => other.EngineId,
        RemoveNetwork remove => remove.NetworkId,
        RemoveVolume remove => "volume " + remove.Name,
        _ => command.Id,
    };

    private async Task RunAsync(CommandContext context, string key, Task before)
    {
        await Task.Yield();
        CommandResult result;
        try
        {
            await before.WaitAsync(context.DeadlineOrCancel);
            result = await work.RunAsync(context);
        }
        catch (Exception e)
        {
            result = Results.Of(context, e);
        }

        if (result.Outcome == CommandOutcome.Done)
        {
            LogDone(context.Command.GetType().Name, result.CommandId, result.Container?.EngineId ?? "");
        }
        else
        {
            LogNotDone(context.Command.GetType().Name, result.CommandId, result.Outcome, result.Code, result.Message);
        }

        lock (_gate)
        {
            _running.Remove(result.CommandId);
            _finished[result.CommandId] = result;
            if (_finished.Count > RememberedResults)
            {
                _finished.RemoveAt(0);
            }

            // In the same step, so that the id is at no moment neither running nor unacknowledged.
            outbox.Add(result);
            if (!_running.Values.Any(other => KeyOf(other.Command) == key))
            {
                _lastOf.Remove(key);
            }
        }

        context.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "{Command} {CommandId} done {EngineId}")]
    private partial void LogDone(string command, string commandId, string engineId);

    [LoggerMessage(LogLevel.Warning, "{Command} {CommandId} ended as {Outcome}: {Code} {Message}")]
    private partial void LogNotDone(string command, string commandId, CommandOutcome outcome, string code, string message);
}
