using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>Makes images of containers, on the container's node. A name is given by who may tag images there: it could be somebody else's.</summary>
public sealed class ImageCommits(CommitAdmission admission, ClusterState state, AccessGate gate, ImageCommands commands, AuditTrail audit)
{
    private const int LongestText = 16 * 1024;

    /// <summary>The id of the new image.</summary>
    public async Task<Result<string>> CommitAsync(Caller caller, CommitSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ImageReference? reference = null;
        if (spec.Repo is { Length: > 0 } repository
            && (!ImageNames.TryJoin(repository, spec.Tag, out reference, out _) || reference.Digest is not null))
        {
            return new InvalidError("repo", "must be a repository with an optional tag");
        }

        if ((spec.Comment?.Length ?? 0) + (spec.Author?.Length ?? 0) + (spec.Changes?.Length ?? 0) > LongestText)
        {
            return new InvalidError("changes", $"must not have more than {LongestText} characters together with comment and author");
        }

        var admitted = await admission.CheckAsync(caller, spec, AdmissionForm.Engine, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        var container = admitted.Value;
        var target = new AuditObject("container", container.Id, container.Name);
        if (container.EngineId is not { } engineId || state.Current.Node(container.NodeId) is not { } node)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.");
        }

        if (reference is not null && await gate.RequireAsync(caller, Permission.ImagesTag, node.Collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var made = await commands.RunAsync(
            node,
            (id, deadline) => new CommitContainer
            {
                Id = id,
                DeadlineMilliseconds = deadline,
                EngineId = engineId,
                Repository = reference?.FamiliarName,
                Tag = reference?.Tag,
                Comment = spec.Comment,
                Author = spec.Author,
                Pause = spec.Pause ?? true,
                Changes = spec.Changes,
                ConfigJson = spec.Config is { } config ? Encoding.UTF8.GetString(ContainerSpecWriter.Write(config)) : null,
            },
            CancellationToken.None);
        var image = made.IsSuccess ? IdOf(made.Value) : null;
        var error = made.Error ?? (image is null ? new EngineError("engine.answer", $"{node.Name}: the engine did not say which image it made.", 502) : null);
        await audit.RecordAsync(
            caller, Permission.ContainersCommit, target, error is null ? AuditTrail.Ok : AuditTrail.Failed, $"on {node.Name}; {error?.Message ?? image}",
            AuditDetails.Asked(new { Image = reference?.ToString(), spec.Comment, spec.Author, spec.Pause, spec.Changes }), CancellationToken.None);
        return error is null ? image! : error;
    }

    private static string? IdOf(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("Id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
}
