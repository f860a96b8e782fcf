using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>What a prune took away.</summary>
/// <param name="Removed">Names and images, of all nodes together.</param>
/// <param name="SpaceReclaimed">Sizes of the images that went, on every node they went from; layers that images share count with each.</param>
public sealed record ImagesPruned(IReadOnlyList<ImageRemoval> Removed, long SpaceReclaimed);

/// <summary>
/// Removes images that no container of their node has, whoever's it is: on every node on which the caller may. The engine is asked for each
/// without force, so that one taken into use meanwhile stays.
/// </summary>
public sealed class ImagePruning(ImageNodes nodes, ClusterState state, AccessGate gate, ImageCommands commands, AuditTrail audit)
{
    private static readonly AuditObject Target = new("image", "", null);

    public async Task<Result<ImagesPruned>> PruneAsync(Caller caller, ImageFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (await gate.RequireAnywhereAsync(caller, Permission.ImagesPrune, Target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var allowed = nodes.With(caller, Permission.ImagesRead, Permission.ImagesPrune).Where(node => node.State == NodeState.Ready).ToList();
        var cluster = state.Current;
        var used = cluster.AllContainers.ToLookup(container => container.NodeId, StringComparer.Ordinal);
        var pruned = await Task.WhenAll(allowed.Select(node => OnAsync(node, Unused(node, filter, used[node.Id]))));
        var error = EngineAnswers.Together([.. pruned.Select(one => one.Error).OfType<Error>()]);
        var removed = pruned.SelectMany(one => one.Removed).Distinct().ToList();
        var space = pruned.Sum(one => one.Space);
        await audit.RecordAsync(
            caller, Permission.ImagesPrune, Target, error is null ? AuditTrail.Ok : AuditTrail.Failed,
            $"{removed.Count(one => one.Deleted is not null)} removed on {(allowed.Count == 0 ? "no node" : string.Join(", ", allowed.Select(node => node.Name)))}{(error is null ? "" : "; " + error.Message)}",
            AuditDetails.Asked(new { filter.IsDangling, filter.Labels, filter.NotLabels, filter.CreatedUntil }), CancellationToken.None);

        // What went is said; a node that failed is an error only when nothing else is to be told.
        return error is not null && removed.Count == 0 ? error : new ImagesPruned(removed, space);
    }

    private static IReadOnlyList<ImageReport> Unused(NodeRecord node, ImageFilter filter, IEnumerable<ContainerRecord> containers)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var coming = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            if (container.Observed is { } observed)
            {
                ids.Add(observed.ImageId);
            }
            else
            {
                // Under way: its image is in use before the engine knows of the container.
                coming.Add(ImageReference.TryParse(container.Image, out var reference, out _) ? ImageNames.Reported(reference) : container.Image);
            }
        }

        return
        [
            .. node.Images.Where(image =>
                (filter.IsDangling != false ? image.Tags.Count == 0 : true)
                && !(image.CreatedAt > filter.CreatedUntil)
                && filter.PassesLabels(image.Labels)
                && !ids.Contains(image.Id) && !coming.Contains(image.Id)
                && !image.Tags.Any(coming.Contains) && !image.Digests.Any(coming.Contains)),
        ];
    }

    private async Task<(IReadOnlyList<ImageRemoval> Removed, long Space, Error? Error)> OnAsync(NodeRecord node, IReadOnlyList<ImageReport> images)
    {
        var all = new List<ImageRemoval>();
        var space = 0L;
        foreach (var image in images)
        {
            foreach (var name in Names(image))
            {
                var result = await commands.RunAsync(
                    node, (id, deadline) => new RemoveImage { Id = id, DeadlineMilliseconds = deadline, Reference = name, Force = false, NoPrune = false }, CancellationToken.None);
                if (result.Error is UnavailableError)
                {
                    // Whatever comes next would wait as long.
                    return (all, space, result.Error);
                }

                if (result.IsSuccess)
                {
                    all.AddRange(ImageRemoval.Read(result.Value));
                }
            }

            space += all.Exists(one => one.Deleted == image.Id) ? image.SizeBytes : 0;
        }

        return (all, space, null);
    }

    /// <summary>Names one by one, as the engine does: an image with several is not removed by its id.</summary>
    private static List<string> Names(ImageReport image)
    {
        var names = image.Tags.Concat(image.Digests)
            .Select(name => ImageReference.TryParse(name, out var reference, out _) ? ImageNames.Full(reference) : null).OfType<string>().ToList();
        return names.Count <= 1 ? [image.Id] : names;
    }
}
