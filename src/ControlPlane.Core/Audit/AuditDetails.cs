namespace ControlPlane.Core.Audit;

/// <summary>
/// What an entry tells besides who, what and when. Each is any object (records, dictionaries, parsed JSON): <see cref="AuditJson"/> writes
/// it, masks secrets by name and bounds its size.
/// </summary>
public sealed record AuditDetails
{
    /// <summary>What was asked for.</summary>
    public object? Parameters { get; init; }

    /// <summary>The object before the change.</summary>
    public object? Before { get; init; }

    /// <summary>The object after it.</summary>
    public object? After { get; init; }

    public static AuditDetails Asked(object parameters) => new() { Parameters = parameters };

    public static AuditDetails Changed(object? before, object? after) => new() { Before = before, After = after };

    public override string ToString() => nameof(AuditDetails);
}
