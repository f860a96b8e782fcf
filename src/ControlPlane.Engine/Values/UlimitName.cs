namespace ControlPlane.Engine.Values;

/// <summary>The resource limits the engine knows (getrlimit(2)).</summary>
public static class UlimitName
{
    /// <summary>True for a limit the engine knows, in lower case.</summary>
    /// <param name="name">The text.</param>
    public static bool IsValid(string? name) => name is "core" or "cpu" or "data" or "fsize" or "locks" or "memlock" or "msgqueue"
        or "nice" or "nofile" or "nproc" or "rss" or "rtprio" or "rttime" or "sigpending" or "stack";
}
