using ControlPlane.Core.Access;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;

namespace ControlPlane.Api.DockerApi.Containers;

/// <summary>Whether an image is on a node that somebody may run containers on.</summary>
internal sealed class ImagePresence(ClusterState state, Authorizer authorizer)
{
    private const string Algorithm = "sha256:";
    private const int ShortestId = 4;

    /// <summary>Null when it is nowhere; its id when it was named by the beginning of that, which only engines that have it understand; else an empty text.</summary>
    public string? Find(Caller caller, string image)
    {
        var named = Named(image);
        var sight = new CollectionSight(authorizer, caller, Permission.NodesSchedule);
        foreach (var node in state.Current.Nodes.Values)
        {
            if (node.State == NodeState.Ready && sight.Of(node.Collection) && Find(node, image, named) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>With the tag that the engine would take.</summary>
    public static string Named(string image) =>
        !ImageReference.IsImageId(image) && ImageReference.TryParse(image, out _, out _) && !image.Contains('@', StringComparison.Ordinal)
            && image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;

    private static string? Find(NodeRecord node, string image, string named)
    {
        foreach (var known in node.Images)
        {
            if (known.Tags.Contains(named) || known.Digests.Contains(image))
            {
                return "";
            }
        }

        foreach (var known in node.Images)
        {
            if (known.Id == image || (image.Length >= ShortestId && known.Id.AsSpan()[Algorithm.Length..].StartsWith(image, StringComparison.Ordinal)))
            {
                return known.Id;
            }
        }

        return null;
    }
}
