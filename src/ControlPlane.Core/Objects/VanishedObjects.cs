using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Objects;

/// <summary>
/// Deletes the rows of networks and volumes that their engines no longer have. A row that stays because the database was away is found again
/// by the first full inventory after the next start.
/// </summary>
public sealed class VanishedObjects(ObjectOwnership ownership, IDbContextFactory<ControlPlaneDb> databases) : IDuty
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await ownership.Vanished.WaitToReadAsync(cancellationToken))
        {
            var gone = new List<Guid>();
            while (gone.Count < 500 && ownership.Vanished.TryRead(out var id))
            {
                gone.Add(id);
            }

            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.OwnedObjects.Where(owned => gone.Contains(owned.Id)).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
