using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Audit;

namespace ControlPlane.Core.Containers;

/// <summary>Something to do with a container that exists.</summary>
public abstract record ContainerAction
{
    private ContainerAction()
    {
    }

    /// <summary>Verb for people, audit and operations.</summary>
    public abstract string Verb { get; }

    /// <summary>The right it needs.</summary>
    public string Permission => PermissionOf(Verb);

    public sealed record Start : ContainerAction
    {
        public override string Verb => "start";
    }

    /// <param name="TimeoutSeconds">Before the kill; null = the container's own.</param>
    public sealed record Stop(int? TimeoutSeconds = null) : ContainerAction
    {
        public override string Verb => "stop";
    }

    /// <param name="TimeoutSeconds">Before the kill; null = the container's own.</param>
    public sealed record Restart(int? TimeoutSeconds = null) : ContainerAction
    {
        public override string Verb => "restart";
    }

    public sealed record Kill(string Signal = "SIGKILL") : ContainerAction
    {
        public override string Verb => "kill";
    }

    public sealed record Pause : ContainerAction
    {
        public override string Verb => "pause";
    }

    public sealed record Unpause : ContainerAction
    {
        public override string Verb => "unpause";
    }

    public sealed record Remove(bool Force = false, bool Volumes = false) : ContainerAction
    {
        public override string Verb => "remove";
    }

    /// <summary>The right that a verb needs.</summary>
    public static string PermissionOf(string verb) => $"containers.{verb}";

    /// <summary>How it was asked for; null when there is nothing to say.</summary>
    internal AuditDetails? ToAudit() => this switch
    {
        Stop stop => AuditDetails.Asked(new { stop.TimeoutSeconds }),
        Restart restart => AuditDetails.Asked(new { restart.TimeoutSeconds }),
        Kill kill => AuditDetails.Asked(new { kill.Signal }),
        Remove remove => AuditDetails.Asked(new { remove.Force, remove.Volumes }),
        _ => null,
    };

    /// <summary>The command for the node; removal and changes of the intent have their own ways.</summary>
    internal AgentCommand ToCommand(string engineId, DeadlineOptions deadlines)
    {
        var id = $"{Verb}-{engineId[..12]}-{Guid.NewGuid():N}";
        var plain = 1000 * deadlines.CommandSeconds;
        return this switch
        {
            Start => new StartContainer { Id = id, EngineId = engineId, DeadlineMilliseconds = plain },
            Stop stop => new StopContainer { Id = id, EngineId = engineId, TimeoutSeconds = stop.TimeoutSeconds, DeadlineMilliseconds = Stopping(stop.TimeoutSeconds) },
            Restart restart => new RestartContainer { Id = id, EngineId = engineId, TimeoutSeconds = restart.TimeoutSeconds, DeadlineMilliseconds = Stopping(restart.TimeoutSeconds) },
            Kill kill => new KillContainer { Id = id, EngineId = engineId, Signal = kill.Signal, DeadlineMilliseconds = plain },
            Pause => new PauseContainer { Id = id, EngineId = engineId, DeadlineMilliseconds = plain },
            Unpause => new UnpauseContainer { Id = id, EngineId = engineId, DeadlineMilliseconds = plain },
            Remove remove => new RemoveContainer { Id = id, EngineId = engineId, Force = remove.Force, Volumes = remove.Volumes, DeadlineMilliseconds = plain },
            _ => throw new InvalidOperationException($"unexpected action {GetType().Name}"),
        };

        int Stopping(int? seconds) => 1000 * (Math.Max(0, seconds ?? deadlines.DefaultStopSeconds) + deadlines.StopMarginSeconds);
    }
}
