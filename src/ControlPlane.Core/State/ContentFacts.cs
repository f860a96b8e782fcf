using System.Collections.Frozen;
using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.State;

/// <summary>What placement asks of a node's images, networks and volumes. Made when one of the three changes, not at every change of a node.</summary>
internal static class ContentFacts
{
    private const string Local = "local";

    /// <summary>The node with what was reported; null stays as it is.</summary>
    public static NodeRecord With(NodeRecord node, IReadOnlyList<ImageReport>? images, IReadOnlyList<NetworkReport>? networks, IReadOnlyList<VolumeReport>? volumes) => node with
    {
        Images = images?.ToImmutableArray() ?? node.Images,
        Networks = networks?.ToImmutableArray() ?? node.Networks,
        Volumes = volumes?.ToImmutableArray() ?? node.Volumes,
        Contents = new NodeContents(
            images is null ? node.Contents.Images : Images(images),
            networks is null ? node.Contents.Networks : Networks(networks, shared: false),
            volumes is null ? node.Contents.Volumes : Volumes(volumes)),
        SharedNetworks = networks is null ? node.SharedNetworks : Networks(networks, shared: true),
    };

    private static IReadOnlySet<string> Images(IReadOnlyList<ImageReport> images)
    {
        var names = new HashSet<string>(images.Count * 4, StringComparer.Ordinal);
        foreach (var image in images)
        {
            names.Add(image.Id);
            foreach (var tag in image.Tags)
            {
                names.Add(tag);
                var colon = tag.LastIndexOf(':');
                if (colon > tag.LastIndexOf('/'))
                {
                    names.Add(tag[..colon]);
                }
            }

            foreach (var digest in image.Digests)
            {
                names.Add(digest);
                if (digest.IndexOf('@', StringComparison.Ordinal) is > 0 and var at)
                {
                    names.Add(digest[..at]);
                }
            }
        }

        return Small(names);
    }

    private static IReadOnlySet<string> Networks(IReadOnlyList<NetworkReport> networks, bool shared)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var network in networks)
        {
            if (string.Equals(network.Scope, Local, StringComparison.Ordinal) != shared && !SpecDependencies.IsBuiltIn(network.Name))
            {
                names.Add(network.Name);
                names.Add(network.Id);
            }
        }

        return Small(names);
    }

    private static IReadOnlySet<string> Volumes(IReadOnlyList<VolumeReport> volumes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in volumes)
        {
            if (string.Equals(volume.Driver, Local, StringComparison.Ordinal))
            {
                names.Add(volume.Name);
            }
        }

        return Small(names);
    }

    private static IReadOnlySet<string> Small(HashSet<string> names) => names.Count == 0 ? FrozenSet<string>.Empty : names;
}
