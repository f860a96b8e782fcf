using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>Which nodes hold an image, by any reference: tag, digest or id.</summary>
public sealed class ImageIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<string>> _references = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> _holders = new(StringComparer.Ordinal);

    /// <summary>Ids of the nodes whose last report names the image.</summary>
    public IReadOnlySet<string> NodesHolding(string reference) => _holders.GetValueOrDefault(Normal(reference), []);

    internal void Set(string nodeId, IEnumerable<ImageReport> images)
    {
        var now = new HashSet<string>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            now.Add(image.Id);
            now.UnionWith(image.Tags.Select(Normal));
            now.UnionWith(image.Digests.Select(Normal));
        }

        lock (_gate)
        {
            var before = _references.GetValueOrDefault(nodeId) ?? [];
            foreach (var gone in before.Where(reference => !now.Contains(reference)))
            {
                var left = _holders[gone].Remove(nodeId);
                if (left.IsEmpty)
                {
                    _holders.TryRemove(gone, out _);
                }
                else
                {
                    _holders[gone] = left;
                }
            }

            foreach (var added in now.Where(reference => !before.Contains(reference)))
            {
                _holders[added] = _holders.GetValueOrDefault(added, ImmutableHashSet.Create<string>(StringComparer.Ordinal)).Add(nodeId);
            }

            if (now.Count == 0)
            {
                _references.Remove(nodeId);
            }
            else
            {
                _references[nodeId] = now;
            }
        }
    }

    /// <summary>The engine's short form with a tag: <c>docker.io/library/busybox</c> and <c>busybox</c> are <c>busybox:latest</c>.</summary>
    internal static string Normal(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference.StartsWith("sha256:", StringComparison.Ordinal))
        {
            return reference;
        }

        var name = reference;
        foreach (var prefix in (ReadOnlySpan<string>)["docker.io/", "index.docker.io/", "library/"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                name = name[prefix.Length..];
            }
        }

        var isTagged = name.Contains('@', StringComparison.Ordinal) || name.LastIndexOf(':') > name.LastIndexOf('/');
        return isTagged ? name : name + ":latest";
    }
}
