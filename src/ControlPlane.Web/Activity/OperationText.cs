using ControlPlane.Contracts.Rest.Operations;

namespace ControlPlane.Web.Activity;

/// <summary>An operation in a few words.</summary>
public static class OperationText
{
    public static string Title(OperationView operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var dot = operation.Kind.LastIndexOf('.');
        var verb = dot < 0 ? operation.Kind : operation.Kind[(dot + 1)..];
        var what = operation.TargetName.Length > 0 ? operation.TargetName
            : operation.Items.Count > 0 ? $"{operation.Items.Count} {operation.TargetKind}{(operation.Items.Count == 1 ? "" : "s")}"
            : operation.TargetKind;
        return $"{char.ToUpperInvariant(verb[0])}{verb[1..]} {what}";
    }

    /// <summary>Where its target is, if it has a page.</summary>
    public static string? TargetLink(OperationView operation) => operation switch
    {
        { TargetId.Length: 0 } => null,
        { TargetKind: "container" } => $"/containers/{operation.TargetId}",
        { TargetKind: "node" } => $"/nodes/{operation.TargetId}",
        _ => null,
    };
}
