using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.State;

/// <summary>
/// Which networks and volumes exist on any node, and what images were built for: kept up to date with the nodes under the writer's
/// lock, so that no create walks over all nodes. Read by anybody at any time.
/// </summary>
public sealed class ClusterContents
{
    private readonly ConcurrentDictionary<string, int> _localNetworks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _sharedNetworks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _volumes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableDictionary<Platform, int>> _platforms = new(StringComparer.Ordinal);

    private readonly NodesByCollection _nodes = new();

    /// <summary>The nodes of these collections and of those below them.</summary>
    public IReadOnlySet<NodeId> NodesIn(IReadOnlyList<string> collections) => _nodes.In(collections);

    /// <summary>A network with this name or id that exists on single nodes only.</summary>
    public bool HasLocalNetwork(string nameOrId) => _localNetworks.ContainsKey(nameOrId);

    /// <summary>A network with this name or id that reaches over nodes.</summary>
    public bool HasSharedNetwork(string nameOrId) => _sharedNetworks.ContainsKey(nameOrId);

    /// <summary>A volume with this name that exists on single nodes only.</summary>
    public bool HasVolume(string name) => _volumes.ContainsKey(name);

    /// <summary>
    /// What the image was built for, if a node has it and says so. Null too when nodes have it for different platforms: then it is
    /// an image for several.
    /// </summary>
    public Platform? PlatformOf(string reference) =>
        _platforms.TryGetValue(ImageIndex.Normal(reference), out var platforms) && platforms.Count == 1 ? platforms.Keys.First() : null;

    internal void Change(NodeRecord? old, NodeRecord? now)
    {
        _nodes.Change(old, now);
        Count(_localNetworks, old?.Contents.Networks, now?.Contents.Networks);
        Count(_sharedNetworks, old?.SharedNetworks, now?.SharedNetworks);
        Count(_volumes, old?.Contents.Volumes, now?.Contents.Volumes);
        if (old?.Images != now?.Images)
        {
            Platforms(now?.Images, +1);
            Platforms(old?.Images, -1);
        }
    }

    private static void Count(ConcurrentDictionary<string, int> counts, IReadOnlySet<string>? old, IReadOnlySet<string>? now)
    {
        if (ReferenceEquals(old, now))
        {
            return;
        }

        foreach (var name in now ?? ImmutableHashSet<string>.Empty)
        {
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        foreach (var name in old ?? ImmutableHashSet<string>.Empty)
        {
            if (--counts[name] == 0)
            {
                counts.TryRemove(name, out _);
            }
        }
    }

    private void Platforms(ImmutableArray<ImageReport>? images, int by)
    {
        foreach (var image in images ?? [])
        {
            if (image.Os is not { Length: > 0 and <= 32 } os || image.Architecture is not { Length: > 0 and <= 32 } architecture)
            {
                continue;
            }

            var platform = new Platform(os, architecture);
            foreach (var reference in image.Tags.Concat(image.Digests).Select(ImageIndex.Normal).Append(image.Id))
            {
                var platforms = _platforms.GetValueOrDefault(reference) ?? ImmutableDictionary<Platform, int>.Empty;
                var count = platforms.GetValueOrDefault(platform) + by;
                platforms = count == 0 ? platforms.Remove(platform) : platforms.SetItem(platform, count);
                if (platforms.IsEmpty)
                {
                    _platforms.TryRemove(reference, out _);
                }
                else
                {
                    _platforms[reference] = platforms;
                }
            }
        }
    }
}
