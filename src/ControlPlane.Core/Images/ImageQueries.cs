using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>An image of the cluster: what nodes report under one id.</summary>
/// <param name="Id">Image id.</param>
/// <param name="ParentId">Image it was built from; may be empty.</param>
/// <param name="Tags">On any node.</param>
/// <param name="Digests">On any node.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="SizeBytes">Size on one node.</param>
/// <param name="Labels">Labels.</param>
/// <param name="Containers">Containers of it that the caller may see.</param>
/// <param name="Nodes">Names of the nodes that have it.</param>
public sealed record ImageSummary(
    string Id, string ParentId, IReadOnlyList<string> Tags, IReadOnlyList<string> Digests, DateTime CreatedAt, long SizeBytes,
    IReadOnlyDictionary<string, string> Labels, int Containers, IReadOnlyList<string> Nodes);

/// <summary>Images of the cluster, from the snapshot: never a call to a node.</summary>
public sealed class ImageQueries(ClusterState state, Authorizer authorizer, ImageNodes nodes)
{
    /// <summary>Newest first.</summary>
    public Result<IReadOnlyList<ImageSummary>> List(Caller caller, ImageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.CheckAnywhere(caller, Permission.ImagesRead) is { } refused)
        {
            return refused;
        }

        var (before, since) = (DateTime.MaxValue, DateTime.MinValue);
        foreach (var (names, isBefore) in new[] { (filter.OlderThan, true), (filter.NewerThan, false) })
        {
            foreach (var name in names)
            {
                var found = Find(caller, name);
                if (!found.IsSuccess)
                {
                    return found.Error;
                }

                var at = found.Value.Held[0].Image.CreatedAt;
                (before, since) = isBefore ? (at < before ? at : before, since) : (before, at > since ? at : since);
            }
        }

        var visible = nodes.Visible(caller).Where(node => filter.Nodes.Count == 0 || filter.Nodes.Contains(node.Name, StringComparer.Ordinal) || filter.Nodes.Contains(node.Id, StringComparer.Ordinal));
        var images = new Dictionary<string, List<HeldImage>>(StringComparer.Ordinal);
        foreach (var node in visible)
        {
            foreach (var image in node.Images)
            {
                if (image.CreatedAt < before && image.CreatedAt > since && !(image.CreatedAt > filter.CreatedUntil) && filter.PassesLabels(image.Labels))
                {
                    (images.TryGetValue(image.Id, out var held) ? held : images[image.Id] = []).Add(new HeldImage(node, image));
                }
            }
        }

        var containers = Containers(caller, images.Count);
        var list = new List<ImageSummary>(images.Count);
        foreach (var (id, held) in images)
        {
            var tags = Merge(held, image => image.Tags);
            var digests = Merge(held, image => image.Digests);
            if (filter.IsDangling is { } dangling && dangling != (tags.Count == 0))
            {
                continue;
            }

            if (filter.ReferenceGlobs.Count > 0)
            {
                tags.RemoveAll(name => !Matches(filter, name));
                digests.RemoveAll(name => !Matches(filter, name));
                if (tags.Count + digests.Count == 0)
                {
                    continue;
                }
            }

            var first = held[0].Image;
            list.Add(new ImageSummary(
                id, first.ParentId, tags, digests, first.CreatedAt, held.Max(one => one.Image.SizeBytes), first.Labels, containers.GetValueOrDefault(id),
                held.ConvertAll(one => one.Node.Name)));
        }

        list.Sort((a, b) => b.CreatedAt.CompareTo(a.CreatedAt) is not 0 and var order ? order : string.CompareOrdinal(a.Id, b.Id));
        return list;
    }

    /// <summary>By full id, name with tag or digest, or the beginning of an id that only one image has; what nodes are first in it is by name.</summary>
    public Result<FoundImage> Find(Caller caller, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (authorizer.CheckAnywhere(caller, Permission.ImagesRead) is { } refused)
        {
            return refused;
        }

        var visible = nodes.Visible(caller);
        var id = EngineId.IsValid(name) ? "sha256:" + name : name;
        if (ImageReference.IsImageId(id))
        {
            return Held(visible, image => string.Equals(image.Id, id, StringComparison.Ordinal)) is { Count: > 0 } exact ? new FoundImage(name, null, exact) : NotFound(name);
        }

        if (ImageReference.TryParse(name, out var reference, out var problem))
        {
            var reported = ImageNames.Reported(reference);
            var named = Held(visible, image => (reference.Digest is null ? image.Tags : image.Digests).Contains(reported, StringComparer.Ordinal));
            if (named.Count > 0)
            {
                return new FoundImage(name, reference, named);
            }
        }

        var prefix = name.StartsWith("sha256:", StringComparison.Ordinal) ? name : "sha256:" + name;
        if (prefix.Length == "sha256:".Length || !prefix.Skip("sha256:".Length).All(char.IsAsciiHexDigitLower))
        {
            return problem is null ? NotFound(name) : new InvalidError("name", problem);
        }

        var begun = Held(visible, image => image.Id.StartsWith(prefix, StringComparison.Ordinal));
        var ids = begun.Select(held => held.Image.Id).Distinct(StringComparer.Ordinal).Take(4).ToList();
        return ids.Count switch
        {
            0 => NotFound(name),
            1 => new FoundImage(name, null, begun),
            _ => new InvalidError("name", $"{name} is ambiguous: it is the beginning of the ids of several images ({string.Join(", ", ids.Take(3).Select(Short))}{(ids.Count > 3 ? ", …" : "")}). Write more of it."),
        };
    }

    /// <summary>The same, on nodes where the caller has another right as well; without it nothing is said but that it is missing.</summary>
    internal Result<FoundImage> Find(Caller caller, string name, string permission)
    {
        var found = Find(caller, name);
        if (!found.IsSuccess)
        {
            return found;
        }

        var sight = new CollectionSight(authorizer, caller, permission);
        return found.Value.On(node => sight.Of(node.Collection)) is { } allowed ? allowed : authorizer.Check(caller, permission, found.Value.Held[0].Node.Collection)!;
    }

    /// <summary>The first Ready node that has it.</summary>
    internal Result<(HeldImage Held, FoundImage Image)> First(Caller caller, string name, string permission)
    {
        var found = Find(caller, name, permission);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        return found.Value.Held.FirstOrDefault(held => held.Node.State == NodeState.Ready) is { } first
            ? (first, found.Value)
            : ImageNodes.NotReady([.. found.Value.Held.Select(held => held.Node)]);
    }

    internal static NotFoundError NotFound(string name) => new("image.not_found", $"No such image: {ImageNames.Shown(name)}");

    private static List<HeldImage> Held(IReadOnlyList<NodeRecord> nodes, Func<ImageReport, bool> which) =>
        [.. nodes.SelectMany(node => node.Images.Where(which).Select(image => new HeldImage(node, image)))];

    private static List<string> Merge(List<HeldImage> held, Func<ImageReport, IReadOnlyList<string>> names) =>
        held.Count == 1 ? [.. names(held[0].Image)] : [.. held.SelectMany(one => names(one.Image)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool Matches(ImageFilter filter, string name) =>
        filter.ReferenceGlobs.Any(glob => glob.Matches(name) || glob.Matches(ImageNames.RepositoryOf(name)));

    private static string Short(string id) => id["sha256:".Length..][..12];

    private Dictionary<string, int> Containers(Caller caller, int images)
    {
        var counts = new Dictionary<string, int>(images, StringComparer.Ordinal);
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        foreach (var container in state.Current.AllContainers)
        {
            if (container.Observed is { } observed && sight.Of(container.Collection))
            {
                counts[observed.ImageId] = counts.GetValueOrDefault(observed.ImageId) + 1;
            }
        }

        return counts;
    }
}
