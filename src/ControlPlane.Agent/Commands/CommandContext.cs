using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>One command at work: its deadline, and how far it has got.</summary>
internal sealed class CommandContext : IDisposable
{
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _either;

    public CommandContext(AgentCommand command, TimeProvider time)
    {
        Command = command;
        _deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Clamp(command.DeadlineMilliseconds, 100, 86_400_000)), time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, _cancelled.Token);
    }

    public AgentCommand Command { get; }

    /// <summary>Ends engine calls that change something: only time does.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>Ends what may still be given up: waiting, pulling.</summary>
    public CancellationToken DeadlineOrCancel => _either.Token;

    public bool IsCancelled => _cancelled.IsCancellationRequested;

    /// <summary>A change was asked for, so silence afterwards is unclear.</summary>
    public bool Asked { get; set; }

    /// <summary>A change has happened.</summary>
    public bool Changed { get; set; }

    /// <summary>The container, once known.</summary>
    public string? EngineId { get; set; }

    public void Cancel() => _cancelled.Cancel();

    public void Dispose()
    {
        _either.Dispose();
        _cancelled.Dispose();
        _deadline.Dispose();
    }
}
