using ControlPlane.Contracts.Agents;
using Docker.DotNet.Models;

namespace ControlPlane.Agent.Engine;

/// <summary>Images, networks and volumes in our records.</summary>
internal static class ObjectMapping
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    public static ImageReport ToReport(ImagesListResponse image) => new(
        image.ID,
        [.. (image.RepoTags ?? []).Where(tag => tag != "<none>:<none>")],
        [.. (image.RepoDigests ?? []).Where(digest => digest != "<none>@<none>")],
        image.Size,
        ContainerMapping.Utc(image.Created) ?? DateTime.UnixEpoch);

    public static NetworkReport ToReport(NetworkResponse network) => new(
        network.ID,
        network.Name,
        network.Driver ?? "",
        network.Scope ?? "local",
        network.Internal,
        [.. (network.IPAM?.Config ?? []).Select(config => config.Subnet ?? "").Where(subnet => subnet.Length > 0)],
        network.Labels?.ToDictionary(StringComparer.Ordinal) ?? None,
        ContainerMapping.Utc(network.Created) ?? DateTime.UnixEpoch);

    public static VolumeReport ToReport(VolumeResponse volume) => new(
        volume.Name,
        volume.Driver ?? "local",
        volume.Mountpoint ?? "",
        volume.Labels?.ToDictionary(StringComparer.Ordinal) ?? None,
        ContainerMapping.Utc(volume.CreatedAt) ?? DateTime.UnixEpoch);
}
