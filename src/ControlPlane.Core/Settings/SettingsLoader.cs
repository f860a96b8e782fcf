using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Settings;

/// <summary>Brings the settings into memory at start, before the nodes that count by them.</summary>
public sealed class SettingsLoader(IDbContextFactory<ControlPlaneDb> databases, ClusterState state)
{
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == SchedulingSettingsRow.Name, cancellationToken) is { } row)
        {
            state.Write(writer => writer.Put(SchedulingSettingsRow.Read(row)));
        }
    }
}
