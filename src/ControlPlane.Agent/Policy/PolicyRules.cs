namespace ControlPlane.Agent.Policy;

/// <summary>The policy file of the host's owner.</summary>
internal sealed record PolicyRules
{
    /// <summary>No exec into containers, by any way.</summary>
    public bool NoExec { get; init; }

    /// <summary>No privileged containers.</summary>
    public bool NoPrivileged { get; init; }

    /// <summary>No namespaces of the host or of another container.</summary>
    public bool NoHostNamespaces { get; init; }

    /// <summary>No logs through tunnels.</summary>
    public bool NoLogs { get; init; }

    /// <summary>Bind mounts only at or below these; null = anywhere, empty = none at all.</summary>
    public IReadOnlyList<string>? BindMountsBelow { get; init; }
}
