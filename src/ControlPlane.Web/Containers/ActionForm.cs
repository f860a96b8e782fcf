using ControlPlane.Core.Containers;

namespace ControlPlane.Web.Containers;

/// <summary>An action as a form sends it.</summary>
public sealed class ActionForm
{
    public string? Kind { get; set; }

    /// <summary>Also a running one.</summary>
    public bool Force { get; set; }

    /// <summary>Also its anonymous volumes.</summary>
    public bool Volumes { get; set; }

    /// <summary>Null when the kind is none of ours.</summary>
    public ContainerAction? ToAction() =>
        Enum.TryParse<ContainerActionKind>(Kind, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && !char.IsAsciiDigit(Kind![0])
            ? new ContainerAction(kind) { Force = Force, RemoveVolumes = Volumes }
            : null;

    public static string Verb(ContainerActionKind kind) => kind switch
    {
        ContainerActionKind.Start => "Start",
        ContainerActionKind.Stop => "Stop",
        ContainerActionKind.Restart => "Restart",
        ContainerActionKind.Kill => "Kill",
        ContainerActionKind.Pause => "Pause",
        ContainerActionKind.Unpause => "Unpause",
        _ => "Remove",
    };
}
