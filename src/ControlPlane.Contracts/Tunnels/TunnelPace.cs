namespace ControlPlane.Contracts.Tunnels;

/// <summary>How long an engine may legitimately take before the head of its answer; both ends choose their deadline by it.</summary>
public enum TunnelPace
{
    /// <summary>At once.</summary>
    Prompt = 0,

    /// <summary>After it has walked file systems.</summary>
    Sizes = 1,

    /// <summary>After a registry has answered it.</summary>
    Registry = 2,

    /// <summary>After it has unpacked, packed or built something large.</summary>
    Transfer = 3,
}

/// <summary>The pace of each kind of request.</summary>
public static class TunnelPaces
{
    /// <summary>How long the engine may take to begin its answer.</summary>
    /// <param name="request">The request.</param>
    public static TunnelPace Of(TunnelRequest request) => request switch
    {
        InspectContainer { Size: true } or DiskUsage => TunnelPace.Sizes,
        PushImage or FetchImage or SearchImages or InspectDistribution or CheckLogin => TunnelPace.Registry,

        // An engine writes all layers to its disk before the first byte of a save.
        LoadImages or ImportImage or BuildImage or PutArchive or SaveImages => TunnelPace.Transfer,
        _ => TunnelPace.Prompt,
    };

    /// <summary>True for requests that may last: those that follow, wait, transfer or hold a terminal. They may not use up all tunnels of a node.</summary>
    /// <param name="request">The request.</param>
    public static bool IsLasting(TunnelRequest request) => request switch
    {
        ContainerLogs { Follow: false } or ContainerStats { Stream: false } or StartExec { Detach: true } => false,
        ContainerLogs or ContainerStats or StartExec or AttachContainer or WaitContainer or ExportContainer or GetArchive or PutArchive => true,
        _ => Of(request) is TunnelPace.Registry or TunnelPace.Transfer && request is not (SearchImages or InspectDistribution or CheckLogin),
    };
}
