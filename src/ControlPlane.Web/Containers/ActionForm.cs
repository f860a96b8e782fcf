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
    public ContainerAction? ToAction() => Kind switch
    {
        "start" => new ContainerAction.Start(),
        "stop" => new ContainerAction.Stop(),
        "restart" => new ContainerAction.Restart(),
        "kill" => new ContainerAction.Kill(),
        "pause" => new ContainerAction.Pause(),
        "unpause" => new ContainerAction.Unpause(),
        "remove" => new ContainerAction.Remove(Force, Volumes),
        _ => null,
    };

    /// <summary>The verb at the beginning of a sentence.</summary>
    public static string Word(ContainerAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return char.ToUpperInvariant(action.Verb[0]) + action.Verb[1..];
    }
}
