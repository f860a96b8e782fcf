using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Images.Streams;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Images;

/// <summary>Tags and removes images on every node that has them and on which the caller may.</summary>
public sealed class ImageChanges(ImageQueries queries, AccessGate gate, ImageCommands commands, AuditTrail audit)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="name">Which image.</param>
    /// <param name="repository">New repository.</param>
    /// <param name="tag">New tag; null = latest.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task<Result<Done>> TagAsync(Caller caller, string name, string repository, string? tag, CancellationToken cancellationToken)
    {
        if (!ImageNames.TryJoin(repository, tag, out var reference, out var problem))
        {
            return new InvalidError("repo", problem);
        }

        if (reference.Digest is not null || (tag is { Length: > 0 } && repository.LastIndexOf(':') > repository.LastIndexOf('/')))
        {
            return new InvalidError("repo", "must be a repository without tag and digest");
        }

        var found = await FindAsync(caller, name, Permission.ImagesTag, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var image = found.Value;
        var results = await Task.WhenAll(image.Held.Select(async held => (held.Node, Result: await commands.RunAsync(
            held.Node,
            (id, deadline) => new TagImage { Id = id, DeadlineMilliseconds = deadline, Reference = held.Image.Id, Repository = reference.FamiliarName, Tag = reference.Tag! },
            CancellationToken.None))));
        var error = EngineAnswers.Together([.. results.Select(one => one.Result.Error).OfType<Error>()]);
        await NoteAsync(caller, Permission.ImagesTag, image, results.Where(one => one.Result.IsSuccess).Select(one => one.Node), error, new { Name = reference.ToString() });
        return error is null ? Done.Value : error;
    }

    /// <summary>What went, of all nodes together. A node that refuses is named; on the others it is gone all the same.</summary>
    public async Task<Result<IReadOnlyList<ImageRemoval>>> RemoveAsync(Caller caller, string name, bool force, bool noPrune, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, name, Permission.ImagesRemove, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var image = found.Value;
        var results = await Task.WhenAll(image.Held.Select(async held => (held.Node, Result: await commands.RunAsync(
            held.Node,
            (id, deadline) => new RemoveImage { Id = id, DeadlineMilliseconds = deadline, Reference = image.ForEngine(held), Force = force, NoPrune = noPrune },
            CancellationToken.None))));
        var removed = results.Where(one => one.Result.IsSuccess).ToList();
        var errors = results.Select(one => one.Result.Error).OfType<Error>().ToList();
        if (removed.Count > 0)
        {
            // Somebody else was faster there.
            errors.RemoveAll(one => one is EngineError { EngineStatus: 404 });
        }

        var error = EngineAnswers.Together(errors);
        await NoteAsync(caller, Permission.ImagesRemove, image, removed.Select(one => one.Node), error, new { Force = force, NoPrune = noPrune });
        return error is not null ? error : (ImageRemoval[])[.. removed.SelectMany(one => ImageRemoval.Read(one.Result.Value)).Distinct()];
    }

    private async Task<Result<FoundImage>> FindAsync(Caller caller, string name, string permission, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, name, permission);
        return found.Error is ForbiddenError refused
            ? await gate.RefuseAsync(caller, permission, new AuditObject("image", "", ImageNames.Shown(name)), refused, cancellationToken)
            : found;
    }

    private Task NoteAsync(Caller caller, string action, FoundImage image, IEnumerable<NodeRecord> nodes, Error? error, object asked)
    {
        var on = string.Join(", ", nodes.Select(node => node.Name));
        return audit.RecordAsync(
            caller,
            action,
            new AuditObject("image", image.Held[0].Image.Id, image.Reference?.ToString() ?? (image.Held[0].Image.Tags is [var first, ..] ? first : null)),
            error is null ? AuditTrail.Ok : AuditTrail.Failed,
            $"on {(on.Length == 0 ? "no node" : on)}{(error is null ? "" : "; " + error.Message)}",
            AuditDetails.Asked(asked),
            CancellationToken.None);
    }
}
