using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Volumes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Admission.HostReach;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Volumes;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Volumes;

/// <summary>A volume that was made.</summary>
/// <param name="Name">Its name, the same on all its nodes.</param>
/// <param name="Nodes">Names of the nodes that have it.</param>
/// <param name="Document">The engine's document of the first.</param>
/// <param name="Failures">What went wrong on other nodes.</param>
public sealed record VolumeCreated(string Name, IReadOnlyList<string> Nodes, string? Document, IReadOnlyList<string> Failures);

/// <summary>
/// Makes volumes: <c>node/name</c> on that node, a bare name on every node that the caller may use and that the labels allow, so that a
/// container finds it wherever it goes.
/// </summary>
public sealed class VolumeCreation(
    VolumeAdmission admission, AccessGate gate, Authorizer authorizer, ObjectNodes nodes, ObjectOwnership ownership, ClusterState state, NodeLinks links, AuditTrail audit, IOptions<DeadlineOptions> deadlines)
{
    private const string Anonymous = "com.docker.volume.anonymous";

    /// <summary>Commands at the same time; each node does one.</summary>
    private const int Parallel = 32;

    /// <summary>For those who do not speak the engine's form: REST and the dashboard.</summary>
    public Task<Result<VolumeCreated>> CreateAsync(Caller caller, VolumeCreateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var spec = new VolumeSpec { Name = request.Name, Driver = request.Driver, DriverOpts = request.DriverOptions, Labels = request.Labels };
        return CreateAsync(caller, spec, request.Collection, AdmissionForm.Rest, cancellationToken);
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="spec">The engine's form; the name may be <c>node/name</c>, or be missing.</param>
    /// <param name="collection">Where it is to belong; null = the caller's default.</param>
    /// <param name="form">In whose names fields are called.</param>
    /// <param name="cancellationToken">Nobody waits any more; what has begun is finished.</param>
    public async Task<Result<VolumeCreated>> CreateAsync(Caller caller, VolumeSpec spec, string? collection, AdmissionForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(spec);
        var (nodeName, bare) = ObjectNodes.Split(spec.Name ?? "");
        var isNamed = bare.Length > 0;
        if (isNamed && !MountReach.IsVolumeName(bare))
        {
            return new InvalidError(form == AdmissionForm.Engine ? "Name" : "name", "must be 2 to 255 letters, digits, '_', '.', '-', beginning with a letter or digit; 'node/name' names the node, too");
        }

        var name = isNamed ? bare : RandomNumberGenerator.GetHexString(64, lowercase: true);
        spec = spec with { Name = name, Driver = spec.Driver is null or "" ? "local" : spec.Driver };
        var admitted = await admission.CheckAsync(caller, collection, spec, form, cancellationToken);
        if (!admitted.IsSuccess)
        {
            return admitted.Error;
        }

        var target = new AuditObject(OwnedKind.Volume, name, name);
        var chosen = Choose(caller, nodeName, spec.Labels);
        if (!chosen.IsSuccess)
        {
            return await gate.RefuseAsync(caller, Permission.VolumesCreate, target, chosen.Error, cancellationToken);
        }

        if (!isNamed)
        {
            // Engines mark what nobody named, and prune it first.
            spec = spec with { Labels = new Dictionary<string, string>(spec.Labels ?? new Dictionary<string, string>(0), StringComparer.Ordinal) { [Anonymous] = "" } };
        }

        var outcomes = await EachAsync(chosen.Value, node => MakeAsync(caller, node, spec, admitted.Value));
        return await SettleAsync(caller, spec, admitted.Value, target, outcomes);
    }

    private Result<IReadOnlyList<NodeRecord>> Choose(Caller caller, string? nodeName, IReadOnlyDictionary<string, string>? labels)
    {
        if (nodeName is null)
        {
            return nodes.Open(caller, labels);
        }

        var node = nodes.Named(caller, nodeName);
        return node.IsSuccess ? Result.Of<IReadOnlyList<NodeRecord>>([node.Value]) : node.Error;
    }

    private static async Task<Outcome[]> EachAsync(IReadOnlyList<NodeRecord> nodes, Func<NodeRecord, Task<Outcome>> make)
    {
        using var places = new SemaphoreSlim(Parallel);
        return await Task.WhenAll(nodes.Select(async node =>
        {
            await places.WaitAsync(CancellationToken.None);
            try
            {
                return await make(node);
            }
            finally
            {
                places.Release();
            }
        }));
    }

    private async Task<Outcome> MakeAsync(Caller caller, NodeRecord node, VolumeSpec spec, string collection)
    {
        using var claim = ownership.Claim(node.Id, OwnedKind.Volume, spec.Name!, collection, caller.Name);
        if (claim is null)
        {
            return new Outcome(node, Taken(node, spec.Name!), null, null);
        }

        if (state.Current.Node(node.Id)?.Volumes.FirstOrDefault(volume => volume.Name == spec.Name) is { } known)
        {
            // As an engine does: what is there already is the answer, for those who may know and use it.
            var theirs = ownership.CollectionBefore(node, known);
            return authorizer.Check(caller, Permission.VolumesUse, theirs) is not null || known.Driver != spec.Driver
                ? new Outcome(node, Taken(node, spec.Name!), null, null)
                : new Outcome(node, null, known.Json, null);
        }

        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var command = new CreateVolume
        {
            Id = $"volume-{id}",
            DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
            SpecJson = JsonSerializer.Serialize(spec with { Labels = OwnerLabels.On(spec.Labels, collection, caller.Name, id) }, EngineJson.Default.VolumeSpec),
        };
        var result = await links.RunAsync(node.Id, command, null, CancellationToken.None);
        if (CommandErrors.Of(result, node.Name) is { } error)
        {
            return new Outcome(node, error, null, null);
        }

        if (!OwnerLabels.IsOn(result.Body, id))
        {
            // It came into being on the engine a moment ago, by somebody else.
            return new Outcome(node, Taken(node, spec.Name!), null, null);
        }

        // Before the claim ends.
        var owned = ownership.New(node.Id, new OwnedKey(OwnedKind.Volume, spec.Name!), collection, caller.Name);
        await ownership.AddAsync(
            [owned],
            db => audit.Add(
                db, caller, Permission.VolumesCreate, new AuditObject(OwnedKind.Volume, spec.Name!, $"{node.Name}/{spec.Name}"), detail: $"on {node.Name}, in {collection}",
                details: AuditDetails.Asked(new { spec.Driver, spec.DriverOpts, spec.Labels, Collection = collection })));
        return new Outcome(node, null, result.Body, owned);
    }

    private async Task<Result<VolumeCreated>> SettleAsync(Caller caller, VolumeSpec spec, string collection, AuditObject target, Outcome[] outcomes)
    {
        var failures = outcomes.Where(outcome => outcome.Error is not null).ToList();
        if (failures.Count > 0)
        {
            await audit.RecordAsync(
                caller, Permission.VolumesCreate, target, AuditTrail.Failed, string.Join("; ", failures.Take(20).Select(failure => failure.Error!.Message)),
                AuditDetails.Asked(new { spec.Driver, Collection = collection }), CancellationToken.None);
        }

        var made = outcomes.Where(outcome => outcome.Error is null).ToList();
        return made.Count == 0
            ? failures[0].Error!
            : new VolumeCreated(spec.Name!, [.. made.Select(outcome => outcome.Node.Name)], made[0].Document, [.. failures.Select(failure => failure.Error!.Message)]);
    }

    private static ConflictError Taken(NodeRecord node, string name) =>
        new("volume.name_taken", $"{node.Name}: the volume name {name} is taken. Choose another one, or use the volume as it is.");

    private sealed record Outcome(NodeRecord Node, Error? Error, string? Document, OwnedObject? Owned);
}
