using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ControlPlane.Core.Data.Faults;

/// <summary>
/// Who saves reads a <c>DbUpdateException</c> as a clash with another writer and looks again. That must not happen to a database that is
/// away or full, so its faults come as another type.
/// </summary>
/// <param name="judge">The provider's: null when the error is about the rows.</param>
public sealed class FaultTranslation(Func<Exception, DatabaseFault?> judge) : SaveChangesInterceptor
{
    public override void SaveChangesFailed(DbContextErrorEventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Translate(eventData.Exception);
    }

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Translate(eventData.Exception);
        return Task.CompletedTask;
    }

    private void Translate(Exception error)
    {
        if (judge(error) is { } fault)
        {
            throw new DatabaseUnavailableException(fault, error);
        }
    }
}
