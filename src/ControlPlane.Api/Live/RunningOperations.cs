using System.Collections.Concurrent;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Live;

/// <summary>How many operations run, counted from the change stream.</summary>
internal sealed class RunningOperations
{
    private readonly ConcurrentDictionary<string, byte> _running = new(StringComparer.Ordinal);

    public int Count => _running.Count;

    public void Note(StateChange change)
    {
        if (change.Record is OperationView { State: "running" })
        {
            _running[change.Id] = 0;
        }
        else
        {
            _running.TryRemove(change.Id, out _);
        }
    }
}
