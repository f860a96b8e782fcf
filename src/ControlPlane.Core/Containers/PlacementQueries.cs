using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers;

/// <summary>How a placement is asked for.</summary>
/// <param name="Now">False: what was kept when it was decided. True: every node with every reason, now.</param>
/// <param name="Limit">Nodes in an explanation at most, best first; the counts are complete.</param>
public sealed record PlacementQuestion(bool Now, int Limit)
{
    public const int DefaultLimit = PlacementViews.DefaultNodes;
    public const int MaxLimit = 10_000;
}

/// <summary>Why a container is where it is: as it was decided, or asked again on the cluster as it is now.</summary>
public sealed class PlacementQueries(ContainerQueries queries, ClusterState state, Authorizer authorizer, IDbContextFactory<ControlPlaneDb> databases)
{
    /// <summary>Names of the strategies that can be asked for.</summary>
    public static IReadOnlyList<string> Strategies => ControlPlane.Scheduling.Placement.Standard.Strategies;

    /// <param name="caller">Who asks.</param>
    /// <param name="idOrName">Which container.</param>
    /// <param name="question">As kept, or as it would be now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<PlacementView>> GetAsync(Caller caller, string idOrName, PlacementQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (question.Limit is < 1 or > PlacementQuestion.MaxLimit)
        {
            return new InvalidError("limit", $"must be 1 to {PlacementQuestion.MaxLimit}");
        }

        var id = found.Value.Id;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Containers.AsNoTracking()
            .Where(c => c.Id == id)
            .Select(c => new { c.PlacementJson, c.RequestJson, c.Image, c.SpecJson })
            .FirstOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return new NotFoundError("container.unmanaged", $"{found.Value.Name} was made directly on its engine; nobody placed it.");
        }

        var cluster = state.Current;
        var visible = new VisibleNodes(authorizer, caller, cluster);
        var kept = PlacementViews.VisibleTo(ContainerViews.ReadPlacement(row.PlacementJson)!, visible);
        if (!question.Now)
        {
            return kept;
        }

        var asked = KeptRequest.Read(row.RequestJson);
        var request = asked.ToPlacement(row.Image, id, SpecLabels.Read(row.SpecJson), state.Contents);
        var (explanation, at) = state.Write(writer =>
        {
            // Its own load stands in its own way: the question is where it would go if it came today.
            var self = writer.Container(id);
            writer.Placement.Remove(id);
            try
            {
                return (writer.Placement.Explain(request), writer.Now);
            }
            finally
            {
                if (self is not null)
                {
                    writer.Placement.Put(id, PlacementFacts.Of(self));
                }
            }
        });
        return PlacementViews.Full(explanation, asked.Strategy, cluster, at, question.Limit, visible) with { History = kept.History };
    }

    /// <summary>What the scheduler was asked for a container, as a request that can be changed and asked again.</summary>
    public async Task<Result<ContainerCreateRequest>> AskedAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var id = found.Value.Id;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Containers.AsNoTracking().Where(c => c.Id == id).Select(c => new { c.RequestJson, c.Image }).FirstOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return new NotFoundError("container.unmanaged", $"{found.Value.Name} was made directly on its engine; nobody placed it.");
        }

        var kept = KeptRequest.Read(row.RequestJson);
        return new ContainerCreateRequest
        {
            Image = row.Image,
            Ports = [.. kept.HostPorts.Select(port => new PortRequest { ContainerPort = port.Port, HostPort = port.Port, Protocol = port.Protocol, HostIp = port.Address })],
            Resources = new ResourcesRequest
            {
                MemoryReservationBytes = kept.MemoryBytes > 0 ? kept.MemoryBytes : null,
                NanoCpusReservation = kept.NanoCpus > 0 ? kept.NanoCpus : null,
                Generic = kept.GenericResources.Count == 0 ? null : kept.GenericResources.ToDictionary(resource => resource.Name, resource => resource.Count, StringComparer.Ordinal),
            },
            Constraints = kept.Constraints,
            Affinities = kept.Affinities,
            Strategy = kept.Strategy,
        };
    }
}
