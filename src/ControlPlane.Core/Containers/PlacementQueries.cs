using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers;

/// <summary>Why a container is where it is: as it was decided, or asked again on the cluster as it is now.</summary>
public sealed class PlacementQueries(ContainerQueries queries, ClusterState state, IDbContextFactory<ControlPlaneDb> databases)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="idOrName">Which container.</param>
    /// <param name="now">False: what was kept when it was decided. True: every node with every reason, now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<PlacementView>> GetAsync(Caller caller, string idOrName, bool now, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found.Error;
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

        if (!now)
        {
            return ContainerViews.ReadPlacement(row.PlacementJson)!;
        }

        var kept = KeptRequest.Read(row.RequestJson);
        var request = kept.ToPlacement(row.Image, id, SpecLabels.Read(row.SpecJson), state.Contents);
        return state.Write(writer =>
        {
            // Its own load stands in its own way: the question is where it would go if it came today.
            var self = writer.Container(id);
            writer.Placement.Remove(id);
            try
            {
                return PlacementViews.Full(writer.Placement.Explain(request), kept.Strategy, state.Current, writer.Now);
            }
            finally
            {
                if (self is not null)
                {
                    writer.Placement.Put(id, PlacementFacts.Of(self));
                }
            }
        });
    }
}
