using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Values;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>Pushes from the first Ready node that has the image; its lines pass unchanged.</summary>
public sealed class ImagePushes(ImageNodes nodes, ImageQueries queries, AccessGate gate, ITunnels tunnels, AuditTrail audit, TimeProvider clock, IOptions<DeadlineOptions> deadlines)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="name">Repository with registry.</param>
    /// <param name="tag">Tag; null = all tags that its node has.</param>
    /// <param name="registryAuth">As it came; used for this push only.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<Error?> PushAsync(Caller caller, string name, string? tag, string? registryAuth, LineSink output, CancellationToken cancellationToken)
    {
        if (!ImageNames.TryJoin(name, tag, out var reference, out var problem))
        {
            return new InvalidError("name", problem);
        }

        if (reference.Digest is not null || (tag is null && name.LastIndexOf(':') > name.LastIndexOf('/')))
        {
            return new InvalidError("name", "must be a repository without tag and digest; the tag is a parameter of its own");
        }

        var target = new AuditObject("image", "", tag is null ? reference.FamiliarName : reference.ToString());
        var first = tag is null ? FirstWithRepository(caller, reference) : queries.First(caller, reference.ToString(), Permission.ImagesPush).Map(found => found.Held.Node);
        if (!first.IsSuccess)
        {
            return first.Error is ForbiddenError ? await gate.RefuseAsync(caller, Permission.ImagesPush, target, first.Error, cancellationToken) : first.Error;
        }

        var node = first.Value;
        using var lines = new LineOutput(output);
        return await WatchedWork.RunAsync(
            new WatchedWork(audit, caller, Permission.ImagesPush, target, null, () => $"from {node.Name}"), lines, () => RunAsync(node, reference, tag, registryAuth, lines, cancellationToken), cancellationToken);
    }

    private async Task<Error?> RunAsync(NodeRecord node, ImageReference reference, string? tag, string? registryAuth, LineOutput lines, CancellationToken cancellationToken)
    {
        var begun = await EngineStream.BeginAsync(
            tunnels, node.Id, node.Name, new PushImage($"{reference.Domain}/{reference.Path}", tag) { RegistryAuth = registryAuth },
            TimeSpan.FromSeconds(deadlines.Value.ImageIdleSeconds), TimeSpan.FromSeconds(deadlines.Value.ImageSendSeconds), clock, cancellationToken);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        await using var stream = begun.Value;
        return await stream.EndAsync(cancellationToken) ?? await stream.AnswerAsync(lines.WriteAsync, cancellationToken);
    }

    private Result<NodeRecord> FirstWithRepository(Caller caller, ImageReference reference)
    {
        var holding = nodes.Visible(caller).Where(node => node.Images.Any(image => image.Tags.Any(known => ImageNames.RepositoryOf(known) == reference.FamiliarName))).ToList();
        if (holding.Count == 0)
        {
            return new NotFoundError("image.not_found", $"An image does not exist locally with the tag: {reference.FamiliarName}");
        }

        var allowed = nodes.With(caller, Permission.ImagesRead, Permission.ImagesPush).Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        holding.RemoveAll(node => !allowed.Contains(node.Id));
        return holding.Count == 0 ? ImageNodes.Denied(Permission.ImagesPush)
            : holding.Find(node => node.State == NodeState.Ready) is { } ready ? ready
            : ImageNodes.NotReady(holding);
    }
}
