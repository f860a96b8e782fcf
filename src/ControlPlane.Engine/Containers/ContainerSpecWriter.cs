using System.Text.Json;
using ControlPlane.Engine.Json;

namespace ControlPlane.Engine.Containers;

/// <summary>Writes the bodies that create and change containers; what is null is not written.</summary>
public static class ContainerSpecWriter
{
    /// <summary>The body of <c>POST /containers/create</c>, UTF-8.</summary>
    /// <param name="spec">The container.</param>
    public static byte[] Write(ContainerSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, EngineJson.Default.ContainerSpec);

    /// <summary>The body of <c>POST /containers/{id}/update</c>, UTF-8.</summary>
    /// <param name="spec">The change.</param>
    public static byte[] Write(UpdateSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, EngineJson.Default.UpdateSpec);
}
