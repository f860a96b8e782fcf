using ControlPlane.Engine.Json;

namespace ControlPlane.Engine.Containers;

/// <summary>Reads the bodies that create and change containers, by the rules of <see cref="StrictJson"/>.</summary>
public static class ContainerSpecReader
{
    /// <summary>Reads the body of <c>POST /containers/create</c>.</summary>
    /// <param name="json">UTF-8, at most 1 MiB.</param>
    public static Parsed<ContainerSpec> Read(ReadOnlySpan<byte> json) => StrictJson.Read(json, EngineJson.Default.ContainerSpec);

    /// <summary>Reads the body of <c>POST /containers/create</c> from a stream, at most 1 MiB.</summary>
    /// <param name="body">UTF-8.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static Task<Parsed<ContainerSpec>> ReadAsync(Stream body, CancellationToken cancellationToken) =>
        StrictJson.ReadAsync(body, EngineJson.Default.ContainerSpec, StrictJson.DefaultMaxBytes, cancellationToken);

    /// <summary>Reads the body of <c>POST /containers/{id}/update</c>.</summary>
    /// <param name="json">UTF-8, at most 1 MiB.</param>
    public static Parsed<UpdateSpec> ReadUpdate(ReadOnlySpan<byte> json) => StrictJson.Read(json, EngineJson.Default.UpdateSpec);
}
