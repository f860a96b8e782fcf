namespace ControlPlane.Lab;

/// <summary>How a server is started.</summary>
public sealed record LabServerOptions
{
    /// <summary>Where it keeps its data; admin.env, server.pid and server.log are here as well.</summary>
    public required string Directory { get; init; }

    public required int Port { get; init; }

    public int DockerPort { get; init; }

    /// <summary>"SQLITE" or a connection string of PostgreSQL.</summary>
    public string Database { get; init; } = "SQLITE";

    public string? PublicUrl { get; init; }

    public string ServerDll { get; init; } = Repository.ServerDll;

    /// <summary>Further settings, as <c>--Section:Key</c>, <c>value</c>, ….</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
