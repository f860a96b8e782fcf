using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Volumes;

/// <summary>Removes volumes, by name or all that nobody uses.</summary>
public sealed class VolumeRemoval(
    VolumeQueries queries, AccessGate gate, Authorizer authorizer, ObjectNodes nodes, ObjectOwnership ownership, ClusterState state, NodeLinks links, AuditTrail audit, IOptions<DeadlineOptions> deadlines)
{
    private const string Anonymous = "com.docker.volume.anonymous";

    /// <summary>A bare name means the volumes of that name on all nodes where the caller may remove them.</summary>
    public async Task<Result<Done>> RemoveAsync(Caller caller, string name, bool force, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, name);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var removable = found.Value.Where(volume => authorizer.Check(caller, Permission.VolumesRemove, volume.Collection) is null).ToList();
        if (removable.Count == 0)
        {
            var first = found.Value[0];
            return (await gate.RequireAsync(caller, Permission.VolumesRemove, first.Collection, Target(first), cancellationToken))!;
        }

        var errors = await Task.WhenAll(removable.Select(volume => RemoveAsync(caller, volume, Permission.VolumesRemove, force)));
        return errors.FirstOrDefault(error => error is not null) is { } failed ? failed : Done.Value;
    }

    /// <summary>Removes what no container uses; answers with the full names.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="all">Also those that somebody named.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<Result<IReadOnlyList<string>>> PruneAsync(Caller caller, VolumeFilter filter, bool all, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (await gate.RequireAnywhereAsync(caller, Permission.VolumesPrune, new AuditObject(OwnedKind.Volume, ""), cancellationToken) is { } refused)
        {
            return refused;
        }

        var found = queries.All(caller, filter with { Dangling = true });
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        // What is in another's collection stays, and what its node cannot be asked about; the next prune takes it.
        var sight = new CollectionSight(authorizer, caller, Permission.VolumesPrune);
        var removed = new List<string>();
        foreach (var volume in found.Value.Where(volume => sight.Of(volume.Collection) && (all || IsAnonymous(volume.Report))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (nodes.Problem(volume.Node) is null && await RemoveAsync(caller, volume, Permission.VolumesPrune, force: false) is null)
            {
                removed.Add(volume.FullName);
            }
        }

        return removed;
    }

    private static AuditObject Target(FoundVolume volume) => new(OwnedKind.Volume, volume.Report.Name, volume.FullName);

    /// <summary>Engines before 23.0 do not mark what nobody named, but name it like an id.</summary>
    private static bool IsAnonymous(VolumeReport volume) =>
        volume.Labels.ContainsKey(Anonymous) || (volume.Name.Length == 64 && volume.Name.All(char.IsAsciiHexDigitLower));

    private async Task<Error?> RemoveAsync(Caller caller, FoundVolume volume, string action, bool force)
    {
        if (nodes.Problem(volume.Node) is { } away)
        {
            return away;
        }

        var command = new RemoveVolume
        {
            Id = $"volume-{Guid.NewGuid():N}", DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds, Name = volume.Report.Name, Force = force,
        };
        var result = await links.RunAsync(volume.Node.Id, command, null, CancellationToken.None);
        var error = CommandErrors.Of(result, volume.Node.Name);
        if (error is null)
        {
            await ownership.RemoveAsync([(volume.Node.Id, volume.Key)], db => audit.Add(db, caller, action, Target(volume), details: AuditDetails.Asked(new { Force = force })));
            Hide(volume);
        }
        else
        {
            await audit.RecordAsync(caller, action, Target(volume), AuditTrail.Failed, error.Message, CancellationToken.None);
        }

        return error;
    }

    /// <summary>The node's list came before its result, unless the engine was slow: then it is the next list that says it.</summary>
    private void Hide(FoundVolume volume) => state.Write(writer =>
    {
        if (writer.Node(volume.Node.Id) is { } node && node.Volumes.Contains(volume.Report))
        {
            writer.Put(ContentFacts.With(node, null, null, node.Volumes.Remove(volume.Report)), "content");
        }
    });
}
