namespace ControlPlane.Engine.Containers;

/// <summary>The body of <c>POST /exec/{id}/start</c> (Engine API v1.42).</summary>
public sealed record ExecStartSpec
{
    /// <summary>Do not wait for it.</summary>
    public bool? Detach { get; init; }

    /// <summary>Gives the process a terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary>Height and width of the terminal (API 1.42).</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }
}
