namespace ControlPlane.Contracts.Tunnels;

/// <summary>Engine API <c>GET /images/{name}/json</c>.</summary>
/// <param name="Reference">Reference or image id.</param>
public sealed record InspectImage(string Reference) : TunnelRequest;

/// <summary>Engine API <c>GET /images/{name}/history</c>.</summary>
/// <param name="Reference">Reference or image id.</param>
public sealed record ImageHistory(string Reference) : TunnelRequest;

/// <summary>Engine API <c>GET /images/get</c>: a tar stream.</summary>
/// <param name="References">References or image ids, at least one.</param>
public sealed record SaveImages(IReadOnlyList<string> References) : TunnelRequest;

/// <summary>Engine API <c>GET /images/search</c>.</summary>
/// <param name="Term">What to look for.</param>
/// <param name="Limit">1 to 100; null = the engine's.</param>
/// <param name="FiltersJson">The engine's <c>filters</c>, rebuilt by the server; null = none.</param>
public sealed record SearchImages(string Term, int? Limit, string? FiltersJson) : TunnelRequest
{
    /// <summary>Engine API header <c>X-Registry-Auth</c> (base64url JSON); used for this request only, never kept or logged.</summary>
    public string? RegistryAuth { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(SearchImages)} {Term}";
}

/// <summary>Engine API <c>GET /distribution/{name}/json</c>: asks the registry.</summary>
/// <param name="Reference">Full reference.</param>
public sealed record InspectDistribution(string Reference) : TunnelRequest
{
    /// <inheritdoc cref="SearchImages.RegistryAuth"/>
    public string? RegistryAuth { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(InspectDistribution)} {Reference}";
}

/// <summary>Engine API <c>POST /auth</c>: asks a registry whether it takes these credentials.</summary>
/// <param name="AuthJson">The engine's body, rebuilt by the server; used for this request only, never kept or logged.</param>
public sealed record CheckLogin(string AuthJson) : TunnelRequest
{
    /// <inheritdoc/>
    public override string ToString() => nameof(CheckLogin);
}

/// <summary>Engine API <c>POST /images/create</c> with <c>fromImage</c>: a stream of JSON lines. For somebody who watches; a pull nobody watches is a command.</summary>
/// <param name="Reference">Full reference with tag or digest.</param>
/// <param name="Platform"><c>os/arch[/variant]</c>; null = the engine's.</param>
public sealed record FetchImage(string Reference, string? Platform) : TunnelRequest
{
    /// <inheritdoc cref="SearchImages.RegistryAuth"/>
    public string? RegistryAuth { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(FetchImage)} {Reference}";
}

/// <summary>Engine API <c>POST /images/{name}/push</c>: a stream of JSON lines.</summary>
/// <param name="Name">Repository with registry.</param>
/// <param name="Tag">Tag; null = all.</param>
public sealed record PushImage(string Name, string? Tag) : TunnelRequest
{
    /// <inheritdoc cref="SearchImages.RegistryAuth"/>
    public string? RegistryAuth { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(PushImage)} {Name}";
}

/// <summary>Engine API <c>POST /images/load</c>; the body that the server sends is a tar stream.</summary>
/// <param name="Quiet">Without progress.</param>
public sealed record LoadImages(bool Quiet) : TunnelRequest;

/// <summary>Engine API <c>POST /images/create</c> with <c>fromSrc=-</c>; the body that the server sends is a tar stream of a root file system.</summary>
/// <param name="Repository">Repository; null = none.</param>
/// <param name="Tag">Tag; null = none.</param>
/// <param name="Message">Commit message; null = none.</param>
/// <param name="Changes">Dockerfile instructions.</param>
/// <param name="Platform"><c>os/arch[/variant]</c>; null = the engine's.</param>
public sealed record ImportImage(string? Repository, string? Tag, string? Message, IReadOnlyList<string> Changes, string? Platform) : TunnelRequest;

/// <summary>Engine API <c>POST /build</c>; the body that the server sends is the context as a tar stream.</summary>
/// <param name="Query">The engine's parameters by name, rebuilt and admitted by the server; the agent lets known names through only.</param>
public sealed record BuildImage(IReadOnlyList<KeyValuePair<string, string>> Query) : TunnelRequest
{
    /// <summary>Engine API header <c>X-Registry-Config</c>; used for this build only, never kept or logged.</summary>
    public string? RegistryConfig { get; init; }

    /// <inheritdoc/>
    public override string ToString() => nameof(BuildImage);
}

/// <summary>Engine API <c>GET /networks/{id}</c>.</summary>
/// <param name="NetworkId">Full id of the network.</param>
/// <param name="Verbose">With services and tasks.</param>
public sealed record InspectNetwork(string NetworkId, bool Verbose) : TunnelRequest;

/// <summary>Engine API <c>GET /volumes/{name}</c>.</summary>
/// <param name="Name">Name of the volume.</param>
public sealed record InspectVolume(string Name) : TunnelRequest;

/// <summary>Engine API <c>GET /system/df</c>.</summary>
public sealed record DiskUsage : TunnelRequest;

/// <summary>Engine API <c>GET /events</c> between two moments that have passed.</summary>
/// <param name="SinceNano">Nanoseconds of Unix time.</param>
/// <param name="UntilNano">Nanoseconds of Unix time.</param>
public sealed record PastEvents(long SinceNano, long UntilNano) : TunnelRequest;
