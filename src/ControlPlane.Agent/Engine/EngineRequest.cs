namespace ControlPlane.Agent.Engine;

/// <summary>A request as it goes to the engine. All text has been checked and escaped.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query below the version.</param>
internal sealed record EngineRequest(string Method, string Path)
{
    /// <summary>A complete body of JSON; null = none.</summary>
    public string? Json { get; init; }

    /// <summary>The body is streamed.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>The connection is taken over: bytes both ways after the head.</summary>
    public bool TakesOver { get; init; }

    /// <summary>One more header; its value may be a secret.</summary>
    public KeyValuePair<string, string>? Header { get; init; }

    /// <summary>It changes nothing: asked twice it does no harm.</summary>
    public bool OnlyReads => Method is "GET" or "HEAD" && !TakesOver;

    // The body may be secret too (an exec's environment).
    public override string ToString() => $"{Method} {Path.Split('?')[0]}";
}
