using System.Text.Json.Serialization;

namespace ControlPlane.Contracts.Tunnels;

/// <summary>
/// The typed head of a request through a tunnel. There is a record for each thing an agent lets through; it builds the engine's
/// path and query itself, so nothing else can be reached.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(InspectContainer), "container.inspect")]
[JsonDerivedType(typeof(ContainerLogs), "container.logs")]
[JsonDerivedType(typeof(ContainerStats), "container.stats")]
[JsonDerivedType(typeof(ContainerTop), "container.top")]
public abstract record TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/json</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
public sealed record InspectContainer(string EngineId) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/logs</c>. The body is the engine's: raw for a TTY, else frames of 8 bytes head + payload.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Follow">Keep the stream open.</param>
/// <param name="Stdout">With standard output.</param>
/// <param name="Stderr">With standard error.</param>
/// <param name="Tail">Last lines only; null = all.</param>
/// <param name="Since">From this time on (Unix seconds with fraction); null = from the start.</param>
/// <param name="Until">Up to this time; null = no end.</param>
/// <param name="Timestamps">Prefix each line with its RFC 3339 time.</param>
public sealed record ContainerLogs(
    string EngineId, bool Follow, bool Stdout, bool Stderr, int? Tail, double? Since, double? Until, bool Timestamps) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/stats</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Stream">A sample each second until closed, else one.</param>
public sealed record ContainerStats(string EngineId, bool Stream) : TunnelRequest;

/// <summary>Engine API <c>GET /containers/{id}/top</c>.</summary>
/// <param name="EngineId">Full engine id.</param>
/// <param name="Arguments">Arguments of <c>ps</c>, e.g. <c>aux</c>; letters, digits, <c>-</c>, <c>,</c>, <c>=</c> and spaces.</param>
public sealed record ContainerTop(string EngineId, string? Arguments) : TunnelRequest;

/// <summary>The head of an answer.</summary>
/// <param name="Status">The engine's HTTP status; 403 when the agent refuses, 502/504 when the engine is away or silent.</param>
/// <param name="ContentType">Type of the body; may be empty.</param>
public sealed record TunnelResponse(int Status, string ContentType);
