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
[JsonDerivedType(typeof(ContainerDiff), "container.changes")]
[JsonDerivedType(typeof(ExportContainer), "container.export")]
[JsonDerivedType(typeof(StatArchive), "container.archive.stat")]
[JsonDerivedType(typeof(GetArchive), "container.archive.get")]
[JsonDerivedType(typeof(PutArchive), "container.archive.put")]
[JsonDerivedType(typeof(WaitContainer), "container.wait")]
[JsonDerivedType(typeof(AttachContainer), "container.attach")]
[JsonDerivedType(typeof(ResizeContainer), "container.resize")]
[JsonDerivedType(typeof(CreateExec), "exec.create")]
[JsonDerivedType(typeof(StartExec), "exec.start")]
[JsonDerivedType(typeof(InspectExec), "exec.inspect")]
[JsonDerivedType(typeof(ResizeExec), "exec.resize")]
[JsonDerivedType(typeof(InspectImage), "image.inspect")]
[JsonDerivedType(typeof(ImageHistory), "image.history")]
[JsonDerivedType(typeof(SaveImages), "image.save")]
[JsonDerivedType(typeof(SearchImages), "image.search")]
[JsonDerivedType(typeof(InspectDistribution), "image.distribution")]
[JsonDerivedType(typeof(CheckLogin), "registry.login")]
[JsonDerivedType(typeof(FetchImage), "image.fetch")]
[JsonDerivedType(typeof(PushImage), "image.push")]
[JsonDerivedType(typeof(LoadImages), "image.load")]
[JsonDerivedType(typeof(ImportImage), "image.import")]
[JsonDerivedType(typeof(BuildImage), "image.build")]
[JsonDerivedType(typeof(InspectNetwork), "network.inspect")]
[JsonDerivedType(typeof(InspectVolume), "volume.inspect")]
[JsonDerivedType(typeof(DiskUsage), "engine.df")]
[JsonDerivedType(typeof(PastEvents), "engine.events")]
public abstract record TunnelRequest;

/// <summary>The head of an answer.</summary>
/// <param name="Status">The engine's HTTP status; 101 when it has taken the connection over and bytes flow both ways; 403 when the agent refuses, 502/504 when the engine is away or silent.</param>
/// <param name="ContentType">Type of the body; may be empty.</param>
public sealed record TunnelResponse(int Status, string ContentType)
{
    /// <summary>Engine API <c>X-Docker-Container-Path-Stat</c> of an archive; null otherwise.</summary>
    public string? PathStat { get; init; }
}
