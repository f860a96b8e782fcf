using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.State;

namespace ControlPlane.Web.Look;

/// <summary>A state as icon, word and tone: never by colour alone.</summary>
/// <param name="Tone"><c>good warn bad info idle</c>: a class of the style sheet.</param>
public sealed record StateLook(string Icon, string Word, string Tone)
{
    public static StateLook Of(ContainerView container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return container switch
        {
            { State: "running", Health: "unhealthy" } => new("ti-alert-circle", "Unhealthy", "bad"),
            { State: "running", Health: "starting" } => new("ti-loader-2", "Starting", "info"),
            { State: "running" } => new("ti-circle-check", "Running", "good"),
            { State: "paused" } => new("ti-player-pause", "Paused", "info"),
            { State: "restarting" } => new("ti-refresh-alert", container.RestartCount > 0 ? $"Restarting ×{container.RestartCount}" : "Restarting", "warn"),
            { State: "exited", OomKilled: true } => new("ti-alert-octagon", "Out of memory", "bad"),
            { State: "exited", ExitCode: null or 0 } => new("ti-circle-dot", "Exited (0)", "idle"),
            { State: "exited" } => new("ti-circle-x", $"Exited ({container.ExitCode})", "bad"),
            { State: "created", Error.Length: > 0 } => new("ti-circle-x", "Start failed", "bad"),
            { State: "created" } => new("ti-circle-dashed", "Created", "idle"),
            { State: "creating" } => new("ti-loader-2", "Creating", "info"),
            { State: "removing" } => new("ti-trash", "Removing", "warn"),
            { State: "dead" } => new("ti-circle-x", "Dead", "bad"),
            _ => new("ti-help-circle", container.State, "idle"),
        };
    }

    public static StateLook Of(NodeState state) => state switch
    {
        NodeState.Ready => new("ti-circle-check", "Ready", "good"),
        NodeState.Pending => new("ti-hourglass", "Waits for approval", "info"),
        NodeState.Unknown => new("ti-help-circle", "Unknown", "warn"),
        NodeState.EngineDown => new("ti-alert-triangle", "Engine down", "bad"),
        _ => new("ti-circle-x", "Down", "bad"),
    };

    public static StateLook Of(NodeAvailability availability) => availability switch
    {
        NodeAvailability.Active => new("ti-check", "Active", "good"),
        NodeAvailability.Pause => new("ti-player-pause", "Paused", "info"),
        _ => new("ti-arrow-bar-to-down", "Draining", "warn"),
    };

    public static StateLook OfOperation(string state) => state switch
    {
        "running" => new("ti-loader-2", "Running", "info"),
        "waiting" => new("ti-hourglass", "Waiting", "idle"),
        "succeeded" => new("ti-circle-check", "Done", "good"),
        "cancelled" => new("ti-ban", "Cancelled", "idle"),
        _ => new("ti-circle-x", "Failed", "bad"),
    };

    /// <summary>For a facet: the word of a plain engine state.</summary>
    public static StateLook OfState(string state) => Of(new ContainerView
    {
        Id = "", Name = "", Image = "", Node = "", NodeId = "", NodeState = "", State = state, Labels = new Dictionary<string, string>(),
        CreatedAt = default, Resources = new ContainerResourcesView(0, 0, 0), Managed = true, Collection = "",
    }) is var look && state == "exited" ? look with { Word = "Exited" } : look;
}
