namespace ControlPlane.Contracts.Rest.Nodes;

/// <summary>How containers of failed nodes are moved at this moment.</summary>
public sealed record ReschedulingView
{
    /// <summary>True when more than half of the nodes, and more than one, failed together: nothing is moved until that is confirmed or <see cref="HeldUntil"/> has passed.</summary>
    public required bool Held { get; init; }

    /// <summary>When waiting ends by itself, UTC; null when nothing is held.</summary>
    public DateTime? HeldUntil { get; init; }

    /// <summary>Names of the nodes that are not well since a short while and were not confirmed.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>Containers that are being moved.</summary>
    public required int Moving { get; init; }

    /// <summary>Containers of failed nodes that wait to be moved.</summary>
    public required int Waiting { get; init; }
}
